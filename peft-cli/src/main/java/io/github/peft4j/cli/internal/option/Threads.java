package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Threads of the CPU to compute with. */
public final class Threads {

    /** Read by the engine when it is loaded. */
    private static final String ENGINE_THREADS = "ai.djl.pytorch.num_threads";

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads of the CPU to compute with; another number changes the last digits. Default: all.")
    @Nullable
    Integer threads;

    /**
     * Sets them, or another number where none is given, before the engine is loaded.
     *
     * @throws BadInput if the machine has fewer
     */
    public void checkOr(int otherwise) {
        if (threads == null) {
            threads = otherwise;
        }
        check();
    }

    /**
     * Sets them, before the engine is loaded.
     *
     * @throws BadInput if the machine has fewer
     */
    public void check() {
        if (threads == null) {
            return;
        }
        int most = Runtime.getRuntime().availableProcessors();
        if (threads < 1 || threads > most) {
            throw new BadInput(
                    "--threads must be from 1 to " + most + ", the processors of this machine, got " + threads);
        }
        System.setProperty(ENGINE_THREADS, Integer.toString(threads));
    }
}
