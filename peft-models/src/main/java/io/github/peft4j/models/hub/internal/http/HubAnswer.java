package io.github.peft4j.models.hub.internal.http;

import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a hub answered. The caller closes it. */
public final class HubAnswer implements AutoCloseable {

    /** Of an answer that only says what is wrong. */
    private static final int LONGEST_PROBLEM = 1 << 14;

    private final int status;
    private final URI address;
    private final HttpHeaders headers;
    private final InputStream body;
    private final Credential credential;

    HubAnswer(int status, URI address, HttpHeaders headers, InputStream body, Credential credential) {
        this.status = status;
        this.address = address;
        this.headers = headers;
        this.body = body;
        this.credential = credential;
    }

    /** The status: 200 and so on. */
    public int status() {
        return status;
    }

    /** Whether it is what was asked for. */
    public boolean successful() {
        return status >= 200 && status < 300;
    }

    /** A header, or null if it is not there. */
    public @Nullable String header(String name) {
        return headers.firstValue(name).orElse(null);
    }

    /** A header that is a whole number, or -1. */
    public long number(String name) {
        return headers.firstValue(name)
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(-1L);
    }

    /** Where it came from, after redirects, for messages. */
    public String source() {
        return Origin.shown(address);
    }

    /** Its body, as it arrives. */
    public InputStream body() {
        return body;
    }

    /**
     * All of its body.
     *
     * @throws HubException if it is longer, or breaks off
     */
    public byte[] bytes(int limit) throws IOException {
        byte[] bytes;
        try {
            bytes = body.readNBytes(limit + 1);
        } catch (java.io.InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            throw new HubException("the answer of " + source() + " is incomplete: " + e.getMessage(), e);
        }
        if (bytes.length > limit) {
            throw new HubException("the answer of " + source() + " has more than " + limit + " bytes");
        }
        return bytes;
    }

    /**
     * Its body as JSON.
     *
     * @throws HubException if it is none, or beyond the limits
     */
    public @Nullable Object json(JsonLimits limits) throws IOException {
        byte[] bytes = bytes(limits.bytes());
        try {
            return JsonTree.parse(bytes, limits);
        } catch (JsonException e) {
            throw new HubException("the answer of " + source() + " is no valid JSON: " + e.getMessage(), e);
        }
    }

    /** What the hub says is wrong, on one line; empty if it says nothing. It never has the token. */
    public String problem() {
        String said = header("X-Error-Message");
        if (said == null || said.isBlank()) {
            said = bodyProblem();
        }
        return Printable.excerpt(credential.removedFrom(said).strip());
    }

    private String bodyProblem() {
        try {
            Object json = JsonTree.parse(body.readNBytes(LONGEST_PROBLEM), JsonLimits.ofBytes(LONGEST_PROBLEM));
            for (String key : new String[] {"error", "Message", "message"}) {
                if (json instanceof Map<?, ?> && JsonValues.at(json, key) instanceof String text) {
                    return text;
                }
            }
        } catch (IOException e) {
            // A page for people, or nothing: the status says what there is to say.
        }
        return "";
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
