package io.github.peft4j.models.hub.internal.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks one hub. The token goes to its own scheme, host and port alone, wherever redirects lead; a redirect from https to http is refused. What fails for a
 * moment (408, 429, 5xx, broken and stalled connections) is tried again. Safe for concurrent use.
 */
public final class HubClient {

    private static final int MOST_REDIRECTS = 10;

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    /** Of these the body is sent again. */
    private static final Set<Integer> SAME_METHOD = Set.of(307, 308);

    private static final Set<Integer> MOMENTARY = Set.of(408, 429, 500, 502, 503, 504);

    private static final int TOO_MANY = 429;

    /** What a slow line still sends in a second. */
    private static final int SLOW = 50_000;

    /** {@code "api";r=0;t=55}: nothing is left for 55 seconds. */
    private static final Pattern RATE_LIMIT = Pattern.compile("r\\s*=\\s*0\\s*;\\s*t\\s*=\\s*(\\d{1,6})");

    private final URI endpoint;
    private final Origin home;
    private final Credential credential;
    private final Patience patience;
    private final HttpClient http;

    private HubClient(URI endpoint, Credential credential, Patience patience, @Nullable ProxySelector proxies) {
        this.endpoint = endpoint;
        this.home = Origin.of(endpoint);
        this.credential = credential;
        this.patience = patience;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience.connecting());
        this.http = (proxies == null ? builder : builder.proxy(proxies)).build();
    }

    /**
     * A client of a hub.
     *
     * @param endpoint its address
     * @throws IllegalArgumentException if that is none
     */
    public static HubClient of(String endpoint, Credential credential, Patience patience) {
        return of(endpoint, credential, patience, null);
    }

    /**
     * {@link #of(String, Credential, Patience)} by proxies.
     *
     * @param proxies which, or null for those of the JVM's settings
     */
    public static HubClient of(
            String endpoint, Credential credential, Patience patience, @Nullable ProxySelector proxies) {
        try {
            return new HubClient(URI.create(endpoint.replaceFirst("/+$", "")), credential, patience, proxies);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + endpoint + "\" is no address of a hub: expected https://HOST, as https://huggingface.co", e);
        }
    }

    /** The hub's address, without a slash at its end. */
    public String endpoint() {
        return endpoint.toString();
    }

    /** Whether there is a token to show. */
    public boolean hasToken() {
        return credential.given();
    }

    /**
     * Asks.
     *
     * @return the answer, whatever its status, but for one that says to try again and said so to the last; the caller closes it
     * @throws HubException if there is none, or redirects lead where they must not
     * @throws InterruptedIOException if the thread is interrupted
     */
    public HubAnswer send(HubRequest request) throws IOException {
        for (int attempt = 1; ; attempt++) {
            boolean last = attempt >= patience.attempts();
            Duration wait = patience.before(attempt);
            try {
                HubAnswer answer = attempt(request);
                boolean again =
                        MOMENTARY.contains(answer.status()) && (request.repeatable() || answer.status() == TOO_MANY);
                if (!again) {
                    return answer;
                }
                try (answer) {
                    Duration asked = askedFor(answer);
                    if (last || asked.compareTo(patience.longest()) > 0) {
                        throw new HubException(failing(answer, asked, attempt));
                    }
                    wait = asked.compareTo(wait) > 0 ? asked : wait;
                }
            } catch (HubException | InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                boolean unsent = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
                if (last || !(request.repeatable() || unsent)) {
                    throw new HubException("cannot reach " + Origin.shown(endpoint) + ": " + reason(e), e);
                }
            }
            patience.pause(wait);
        }
    }

    /** How long a hub asks to wait, by either of two headers; zero if it does not. */
    private static Duration askedFor(HubAnswer answer) {
        String after = answer.header("Retry-After");
        if (after != null && after.strip().matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(after.strip()));
        }
        if (after != null) {
            try {
                Instant until = ZonedDateTime.parse(after.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                Duration left = Duration.between(Instant.now(), until);
                return left.isNegative() ? Duration.ZERO : left;
            } catch (DateTimeException e) {
                return Duration.ZERO;
            }
        }
        String limit = answer.header("RateLimit");
        Matcher left = RATE_LIMIT.matcher(limit == null ? "" : limit);
        return left.find() ? Duration.ofSeconds(Long.parseLong(left.group(1))) : Duration.ZERO;
    }

    private String failing(HubAnswer answer, Duration asked, int attempts) {
        String wait = asked.isZero() ? "later" : "in " + asked.toSeconds() + " s";
        if (answer.status() == TOO_MANY) {
            return answer.source() + " takes no more requests for now (429): try again " + wait
                    + (hasToken() ? "" : ", or with a token, which has a higher limit");
        }
        String said = answer.problem();
        return answer.source() + " fails with status " + answer.status() + (said.isEmpty() ? "" : " (" + said + ")")
                + (attempts > 1 ? " after " + attempts + " attempts" : "") + ": try again " + wait;
    }

    /** Follows redirects. */
    private HubAnswer attempt(HubRequest request) throws IOException {
        URI first = address(request.target());
        URI at = first;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpResponse<InputStream> response = once(request, at, Origin.of(at).equals(Origin.of(first)));
            @Nullable URI next = next(request, response);
            if (next == null) {
                return new HubAnswer(response.statusCode(), at, response.headers(), response.body(), credential);
            }
            response.body().close();
            at = next;
        }
        throw new HubException(Origin.shown(first) + " redirects more than " + MOST_REDIRECTS + " times");
    }

    private URI address(String target) throws HubException {
        try {
            URI address = URI.create(target.startsWith("/") ? endpoint + target : target);
            Origin.of(address);
            return address;
        } catch (IllegalArgumentException e) {
            throw new HubException(endpoint() + " names an address that is none", e);
        }
    }

    /** Where the answer sends to, or null if it is to be taken as it is. */
    private static @Nullable URI next(HubRequest request, HttpResponse<InputStream> response) throws HubException {
        @Nullable String location = response.headers().firstValue("Location").orElse(null);
        if (!REDIRECTS.contains(response.statusCode()) || location == null) {
            return null;
        }
        URI from = response.uri();
        URI to;
        Origin origin;
        try {
            to = from.resolve(location);
            origin = Origin.of(to);
        } catch (IllegalArgumentException e) {
            throw new HubException(Origin.shown(from) + " redirects to an address that is none", e);
        }
        Origin old = Origin.of(from);
        if (!request.followed() && !origin.equals(old)) {
            return null;
        }
        if (old.secure() && !origin.secure()) {
            throw new HubException(Origin.shown(from) + " redirects to " + Origin.shown(to)
                    + ", which is not encrypted: not followed");
        }
        if (request.body() != null && (!SAME_METHOD.contains(response.statusCode()) || !origin.equals(old))) {
            throw new HubException(Origin.shown(from) + " redirects what is sent to it to " + Origin.shown(to)
                    + " with status " + response.statusCode() + ": not followed");
        }
        return to;
    }

    /** One request; the token and the caller's headers are for those whom they are meant for. */
    private HttpResponse<InputStream> once(HubRequest request, URI address, boolean asMeant) throws IOException {
        BodyPublisher body = request.body() == null
                ? BodyPublishers.noBody()
                : request.body().open();
        HttpRequest.Builder builder = HttpRequest.newBuilder(address)
                .method(request.method(), body)
                .timeout(patience.answering().plusSeconds(Math.max(0, body.contentLength()) / SLOW))
                .header("User-Agent", "peft4j")
                .header("Accept-Encoding", "identity");
        request.headers().forEach((name, value) -> {
            if (asMeant || name.equalsIgnoreCase("Range")) {
                builder.header(name, value);
            }
        });
        if (Origin.of(address).equals(home)) {
            credential.addTo(builder);
        }
        try {
            return http.send(builder.build(), info -> new BodyStream(patience.answering()));
        } catch (InterruptedException e) {
            throw Patience.interrupted();
        }
    }

    /** In words: the JDK's messages are often empty. */
    private static String reason(IOException e) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (at instanceof java.nio.channels.UnresolvedAddressException) {
                return "its name is not known here; is there a network?";
            }
        }
        if (e instanceof HttpConnectTimeoutException) {
            return "no connection in time";
        }
        if (e instanceof java.net.http.HttpTimeoutException) {
            return "no answer in time";
        }
        String message = e.getMessage();
        if (message == null || message.isBlank()) {
            return e instanceof ConnectException
                    ? "connection refused"
                    : e.getClass().getSimpleName();
        }
        return message;
    }
}
