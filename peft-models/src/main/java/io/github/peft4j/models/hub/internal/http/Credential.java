package io.github.peft4j.models.hub.internal.http;

import java.net.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** A token, or none. It leaves this package in a request to its hub alone: neither its text nor any message has it. */
public final class Credential {

    private static final Credential NONE = new Credential(null, null);

    private final @Nullable String token;
    private final @Nullable String cookie;

    private Credential(@Nullable String token, @Nullable String cookie) {
        this.token = token;
        this.cookie = cookie;
    }

    /** No token. */
    public static Credential none() {
        return NONE;
    }

    /**
     * A token, without the space and line ends around it; none if nothing is left.
     *
     * @throws IllegalArgumentException if it has characters that a header cannot have; the message does not quote it
     */
    public static Credential of(@Nullable String token) {
        if (token == null || token.isBlank()) {
            return NONE;
        }
        String stripped = token.strip();
        if (!stripped.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException(
                    "the hub's token has spaces or other characters that no token has: copy it again from the hub's settings");
        }
        return new Credential(stripped, null);
    }

    /** Whether there is one. */
    public boolean given() {
        return token != null;
    }

    /** This one, shown as a cookie too, as ModelScope's older services want it. */
    public Credential alsoAsCookie(String name) {
        return new Credential(token, name);
    }

    /** Shows it to its hub. */
    void addTo(HttpRequest.Builder request) {
        if (token != null) {
            request.setHeader("Authorization", "Bearer " + token);
            if (cookie != null) {
                request.setHeader("Cookie", cookie + "=" + token);
            }
        }
    }

    /** What a server said, without the token if it repeats it. */
    String removedFrom(String text) {
        return token == null ? text : text.replace(token, "***");
    }

    @Override
    public String toString() {
        return token == null ? "no token" : "a token";
    }
}
