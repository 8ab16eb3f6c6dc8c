package io.github.peft4j.fuzz;

import io.github.peft4j.models.internal.message.Printable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What came of a case.
 *
 * @param kind whether the file was read, refused as documented, or is a failure
 * @param what the failure, the message of a refusal, or empty
 */
record Verdict(Kind kind, String what) {

    /** What came of it. */
    enum Kind {
        READ,
        REFUSED,
        FAILED
    }

    private static final int FRAMES = 8;

    /** Words of libraries and of Java, which say nothing to whoever has the file. */
    private static final List<String> FOREIGN =
            List.of("com.fasterxml", "java.lang.", "java.util.", "StreamReadConstraints", "REDACTED", "JsonToken");

    /** Reads a folder, and judges. */
    static Verdict of(Format format, Path folder) {
        try {
            return read(format, folder);
        } catch (Exception | StackOverflowError | OutOfMemoryError | LinkageError | AssertionError e) {
            return failed(shown(e));
        }
    }

    private static Verdict read(Format format, Path folder) throws Exception {
        try {
            format.target().read(folder);
            return new Verdict(Kind.READ, "");
        } catch (Exception e) {
            if (format.refusals().stream().noneMatch(type -> type.isInstance(e))) {
                throw e;
            }
            return new Verdict(Kind.REFUSED, requireShowable(e));
        }
    }

    static Verdict failed(String what) {
        return new Verdict(Kind.FAILED, what);
    }

    /**
     * Requires that a message can be shown to whoever has the file.
     *
     * @return the message
     * @throws AssertionError if it is empty, steers a terminal, has no bound or speaks of what is not the file
     */
    static String requireShowable(Exception e) {
        String message = e.getMessage();
        if (message == null || message.isBlank()) {
            throw new AssertionError("no message", e);
        }
        if (!Printable.message(message).equals(message)) {
            throw new AssertionError(
                    "a message of " + message.length() + " characters that is not printable: " + message, e);
        }
        if (FOREIGN.stream().anyMatch(message::contains)) {
            throw new AssertionError("a library's words: " + message, e);
        }
        return message;
    }

    private static String shown(Throwable e) {
        Throwable origin = e.getCause() == null ? e : e.getCause();
        return Printable.message(e
                + Arrays.stream(origin.getStackTrace())
                        .limit(FRAMES)
                        .map(frame -> " < " + frame.getClassName().replaceFirst(".*\\.", "") + "."
                                + frame.getMethodName() + ":" + frame.getLineNumber())
                        .collect(Collectors.joining()));
    }
}
