package io.github.peft4j.models.hub.internal.http;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a hub.
 *
 * @param method GET, HEAD, POST or PUT
 * @param target a path with its query below the hub's address, or an address that the hub has named
 * @param headers beyond those that every request has; another origin to which a redirect leads sees none but {@code Range}
 * @param body what is sent, or null
 * @param repeatable whether it may be sent again when nobody knows if it has arrived
 * @param followed whether redirects are followed wherever they lead; otherwise one that leaves the origin is the answer
 */
public record HubRequest(
        String method,
        String target,
        Map<String, String> headers,
        @Nullable Body body,
        boolean repeatable,
        boolean followed) {

    /** What is sent, made anew for each attempt. */
    @FunctionalInterface
    public interface Body {

        /** All of it, from its beginning. */
        BodyPublisher open() throws IOException;
    }

    /** Copies the headers. */
    public HubRequest {
        headers = Map.copyOf(headers);
    }

    /** Asks for something. */
    public static HubRequest get(String target) {
        return new HubRequest("GET", target, Map.of(), null, true, true);
    }

    /** Asks what there is to say about something, of this hub itself: a redirect to another origin is the answer. */
    public static HubRequest head(String target) {
        return new HubRequest("HEAD", target, Map.of(), null, true, false);
    }

    /** Sends something that has an effect each time that it arrives. */
    public static HubRequest post(String target, String contentType, byte[] body) {
        return new HubRequest(
                "POST",
                target,
                Map.of("Content-Type", contentType),
                () -> BodyPublishers.ofByteArray(body),
                false,
                true);
    }

    /** Puts something in its place, again with the same effect. */
    public static HubRequest put(String target, Body body) {
        return new HubRequest("PUT", target, Map.of(), body, true, true);
    }

    /** This one with a header more. */
    public HubRequest with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new HubRequest(method, target, more, body, repeatable, followed);
    }

    /** This one, which has the same effect if it arrives twice. */
    public HubRequest asRepeatable() {
        return new HubRequest(method, target, headers, body, true, followed);
    }
}
