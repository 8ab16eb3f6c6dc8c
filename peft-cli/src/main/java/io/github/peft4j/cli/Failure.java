package io.github.peft4j.cli;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.EngineUnavailableException;
import io.github.peft4j.models.text.TokenizerException;
import io.github.peft4j.training.data.DataException;

/** How an exception ends a command: with one line that starts with {@code error:}, and an exit code. */
final class Failure {

    private Failure() {}

    /** The exit code. */
    static int code(Throwable e) {
        return e instanceof BadInput
                        || e instanceof CheckpointException
                        || e instanceof DataException
                        || e instanceof TokenizerException
                ? ExitCode.BAD_INPUT
                : ExitCode.FAILED;
    }

    /** The line. */
    static String line(Throwable e) {
        String message = e.getMessage();
        if (e instanceof OutOfMemoryError) {
            message = "the Java heap is full (" + message + "): give it more with PEFT4J_JAVA_OPTS=-Xmx2g";
        } else if (isOutOfNativeMemory(e)) {
            message = "not enough memory: use a smaller --batch-size or --max-length, or --checkpointing (" + message
                    + ")";
        } else if (e instanceof EngineUnavailableException) {
            message += "; peft4j doctor looks at the whole machine";
        } else if (message == null || message.isBlank()) {
            message = e.getClass().getSimpleName();
        } else if (code(e) != ExitCode.BAD_INPUT && !(e instanceof java.io.IOException)) {
            message += " (" + e.getClass().getSimpleName() + "; --stacktrace shows where)";
        }
        return "error: " + message.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    /** By its text: the engine has one exception for everything. */
    private static boolean isOutOfNativeMemory(Throwable e) {
        String message = e.getMessage();
        return message != null && (message.contains("out of memory") || message.contains("can't allocate memory"));
    }
}
