package io.github.peft4j.cli;

import ai.djl.Device;
import io.github.peft4j.models.kernel.Precision;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to compute. */
final class ComputeOptions {

    /** Read by the engine when it is loaded. */
    private static final String ENGINE_THREADS = "ai.djl.pytorch.num_threads";

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "Number format of weights and activations: float32, bfloat16 or float16. Default: the"
                    + " checkpoint's own on a GPU, float32 on a CPU.")
    @Nullable
    String dtype;

    @Option(names = "--device", paramLabel = "DEVICE", description = "cpu or cuda:N. Default: cuda:0 if there is one.")
    @Nullable
    String device;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of the CPU to compute with. Default: all.")
    @Nullable
    Integer threads;

    /**
     * Checks what can be checked without the engine.
     *
     * @throws BadInput if a value is bad
     */
    void check() {
        checkThreads();
        if (dtype != null) {
            precision(dtype);
        }
        if (device != null) {
            Devices.requireName(device);
        }
    }

    /**
     * The device.
     *
     * @throws BadInput if the machine lacks what is asked for
     */
    Device device(Console console) {
        check();
        return device == null ? Devices.usual(console) : Devices.named(device);
    }

    /** The number format, or null for the checkpoint's own. */
    @Nullable
    Precision precision(Device chosen) {
        if (dtype != null) {
            return precision(dtype);
        }
        return chosen.isGpu() ? null : Precision.FLOAT32;
    }

    /** The number format that was named, or null. */
    @Nullable
    Precision named() {
        return dtype == null ? null : precision(dtype);
    }

    private static Precision precision(String name) {
        try {
            return Precision.of(name);
        } catch (IllegalArgumentException e) {
            throw new BadInput("--dtype: " + e.getMessage(), e);
        }
    }

    private void checkThreads() {
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
