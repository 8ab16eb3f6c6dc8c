package io.github.peft4j.models.internal.natives;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How long the threads that compute one operation wait for each other at full speed before they sleep. GCC's OpenMP library, which PyTorch
 * brings on Linux, spins for six milliseconds and more: whoever spins holds the core that the one it waits for needs, so that other work on the
 * machine makes an operation many times as slow. It reads the environment once, when it is loaded; other systems have other libraries.
 */
public final class ShortWaits {

    /** The variable that says how many turns a thread spins. */
    static final String VARIABLE = "GOMP_SPINCOUNT";

    /**
     * Some tenths of a millisecond, by processor: longer than most of what one thread does alone between two operations that it shares, shorter
     * than the slices by which the system shares out a core.
     */
    static final String TURNS = "10000";

    private ShortWaits() {}

    /**
     * Sets the variable for the native libraries of this process that are loaded afterwards, unless the user has said in the environment how
     * OpenMP shall wait. Java, and the processes that it starts, do not see it.
     */
    public static void arrange() {
        // Java takes its copy of the environment when it is first asked, which is before the change.
        Set<String> environment = System.getenv().keySet();
        boolean said = environment.contains(VARIABLE) || environment.contains("OMP_WAIT_POLICY");
        @Nullable Function set = said || !Platform.isLinux() ? null : find();
        if (set != null) {
            set.invokeInt(new Object[] {VARIABLE, TURNS, 0});
        }
    }

    /** The C library's {@code setenv}; where it cannot be called, threads wait as the library has it. */
    private static @Nullable Function find() {
        try {
            return Function.getFunction("c", "setenv");
        } catch (LinkageError e) {
            return null;
        }
    }
}
