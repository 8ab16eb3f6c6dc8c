package io.github.peft4j.cli.internal.console;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.internal.natives.EngineUnavailableException;
import io.github.peft4j.models.internal.output.FolderInUseException;
import io.github.peft4j.models.text.internal.TokenizerException;
import io.github.peft4j.training.data.internal.DataException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How an exception ends a command: with one line that starts with {@code error:}, and an exit code. */
public final class Failure {

    /** What is thrown where the user is the one who can mend it. */
    private static final Set<Class<?>> OF_INPUT = Set.of(
            BadInput.class,
            CheckpointException.class,
            DataException.class,
            FolderInUseException.class,
            HubException.Refusal.class,
            TokenizerException.class);

    /** What the engine says on the CPU (Linux and macOS, Windows), on a GPU, and where C++ itself could not go on. */
    private static final List<String> OF_MEMORY =
            List.of("can't allocate memory", "not enough memory: you tried", "out of memory", "std::bad_alloc");

    /** What makes a run smaller, by the option that does it. */
    private static final Map<String, String> REMEDIES = remedies();

    private Failure() {}

    private static Map<String, String> remedies() {
        Map<String, String> remedies = new LinkedHashMap<>();
        remedies.put("--batch-size", "a smaller --batch-size");
        remedies.put("--max-length", "a smaller --max-length");
        remedies.put("--checkpointing", "--checkpointing");
        remedies.put("--dtype", "--dtype bfloat16");
        return remedies;
    }

    /** The exit code. */
    public static int code(Throwable e) {
        return OF_INPUT.contains(e.getClass()) ? ExitCode.BAD_INPUT : ExitCode.FAILED;
    }

    /** The line of a command that has no options. */
    public static String line(Throwable e) {
        return line(e, Set.of());
    }

    /**
     * The line.
     *
     * @param options those that the command has, so that no other is recommended
     */
    public static String line(Throwable e, Set<String> options) {
        String message = e.getMessage();
        if (e instanceof OutOfMemoryError) {
            message = ofJava(String.valueOf(message));
        } else if (isOutOfMemory(e)) {
            message = "not enough memory" + remedies(options) + " (" + message + ")";
        } else if (e instanceof EngineUnavailableException) {
            message += "; peft4j doctor looks at the whole machine";
        } else if (message == null || message.isBlank()) {
            message = e.getClass().getSimpleName();
        } else if (code(e) != ExitCode.BAD_INPUT && !(e instanceof java.io.IOException) && !(e instanceof Shortage)) {
            message += " (" + e.getClass().getSimpleName() + "; --stacktrace shows where)";
        }
        return "error: " + message.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String remedies(Set<String> options) {
        List<String> remedies = new ArrayList<>();
        REMEDIES.forEach((option, remedy) -> {
            if (options.contains(option)) {
                remedies.add(remedy);
            }
        });
        return remedies.isEmpty() ? "" : ": try " + String.join(", or ", remedies);
    }

    /** By its text, and that of what caused it: the engine has one exception for everything, and words of its own for each system. */
    public static boolean isOutOfMemory(Throwable e) {
        if (e instanceof Shortage) {
            return false;
        }
        String message = String.valueOf(e.getMessage());
        return OF_MEMORY.stream().anyMatch(message::contains)
                || (e.getCause() != null && e.getCause() != e && isOutOfMemory(e.getCause()));
    }

    /** The line in which the engine says so, of a text that may tell all that it was about to compute; empty if there is none. */
    public static String saidOfMemory(Throwable e) {
        String line = String.valueOf(e.getMessage())
                .lines()
                .filter(each -> OF_MEMORY.stream().anyMatch(each::contains))
                .findFirst()
                .orElse("");
        String inner = e.getCause() == null || e.getCause() == e ? "" : saidOfMemory(e.getCause());
        return inner.isEmpty() ? line : inner;
    }

    /** What Java itself ran out of, which is not always its heap. */
    private static String ofJava(String message) {
        if (message.contains("direct buffer memory")) {
            return "Java's direct memory is full (" + message
                    + "): give it more with PEFT4J_JAVA_OPTS=-XX:MaxDirectMemorySize="
                    + 2 * gib(Runtime.getRuntime().maxMemory()) + "g";
        }
        if (message.contains("native thread") || message.contains("Map failed")) {
            return "the system gives no more memory (" + message
                    + "): raise the limit of address space, mappings or threads (ulimit -v, ulimit -u), or end other programs";
        }
        return "the Java heap is full (" + message + "): give it more with PEFT4J_JAVA_OPTS=-Xmx"
                + 2 * gib(Runtime.getRuntime().maxMemory()) + "g";
    }

    private static long gib(long bytes) {
        return Math.max(1, Math.round(bytes / (double) Sizes.GIB));
    }
}
