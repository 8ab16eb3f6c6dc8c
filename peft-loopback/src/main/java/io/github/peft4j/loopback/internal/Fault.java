package io.github.peft4j.loopback.internal;

import java.util.Map;

/**
 * What goes wrong with an answer.
 *
 * @param status another status, with headers and without the content; 0 for the right one
 * @param headers further ones
 * @param after so many bytes of the content are sent as they should be
 * @param then what comes after them
 */
public record Fault(int status, Map<String, String> headers, int after, Then then) {

    /** What comes after the bytes that are right. */
    public enum Then {
        /** The rest. */
        REST,
        /** The connection ends. */
        DROP,
        /** Nothing, and the connection stays. */
        STALL,
        /** The rest with each byte changed. */
        GARBAGE,
        /** Nothing, and that is said to be all. */
        SHORT,
        /** The rest and more, which is said to be all. */
        LONG,
        /** All of the content, although a part was asked for. */
        WHOLE
    }

    /** The content goes wrong. */
    public static Fault content(int after, Then then) {
        return new Fault(0, Map.of(), after, then);
    }

    /** Another status. */
    public static Fault status(int status, Map<String, String> headers) {
        return new Fault(status, headers, 0, Then.REST);
    }

    /** A redirect. */
    public static Fault redirect(String location) {
        return status(302, Map.of("Location", location));
    }
}
