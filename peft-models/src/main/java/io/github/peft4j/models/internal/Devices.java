package io.github.peft4j.models.internal;

import ai.djl.Device;
import io.github.peft4j.models.internal.natives.EngineUnavailableException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.TorchEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices of this machine: the CPU, and CUDA GPUs where PyTorch's libraries are those for CUDA. What is asked for and not there is
 * refused, never replaced.
 */
public final class Devices {

    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

    private static final Pattern CUDA = Pattern.compile("cuda(?::([0-9]{1,3}))?");

    /** Where Linux shows an NVIDIA driver, with a folder for each GPU. */
    private static final Path DRIVER = Path.of("/proc/driver/nvidia/gpus");

    private Devices() {}

    /**
     * The first GPU if PyTorch can compute on it, otherwise the CPU.
     *
     * @throws EngineUnavailableException if PyTorch cannot be loaded
     */
    public static Device best() {
        if (TorchEngine.load().cuda()) {
            return working(Device.gpu(0));
        }
        if (Files.isDirectory(DRIVER)) {
            LOG.warn("computing on the CPU: there is a GPU, but the PyTorch library in use is for the CPU only;"
                    + " docs/how-to/gpu.md tells how to use another");
        }
        return Device.cpu();
    }

    /**
     * A device by name.
     *
     * @param name {@code cpu}, {@code cuda} or {@code cuda:N}
     * @throws IllegalArgumentException if this is no name of a device, or the machine or the PyTorch library in use lacks it
     * @throws EngineUnavailableException if PyTorch cannot be loaded
     */
    public static Device named(String name) {
        Device device = ofName(name);
        if (!device.isGpu()) {
            return device;
        }
        if (!TorchEngine.load().cuda()) {
            throw new IllegalArgumentException("no device " + name + ": "
                    + (Files.isDirectory(DRIVER)
                            ? "there is a GPU, but the PyTorch library in use is for the CPU only"
                            : "this machine has no CUDA GPU that can be used")
                    + ". Use the CPU, or see docs/how-to/gpu.md");
        }
        try {
            return working(device);
        } catch (EngineUnavailableException e) {
            throw new IllegalArgumentException("no device " + name + ": " + e.getMessage(), e);
        }
    }

    /**
     * A device by name, whether or not it is there.
     *
     * @throws IllegalArgumentException if this is no name of a device
     */
    public static Device ofName(String name) {
        Matcher cuda = CUDA.matcher(name);
        if (name.equals("cpu")) {
            return Device.cpu();
        }
        if (!cuda.matches()) {
            throw new IllegalArgumentException("a device must be cpu or cuda:N, got \"" + name + "\"");
        }
        return Device.gpu(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
    }

    /** The number format in which models are loaded if none is named: float32 on a CPU, null for the checkpoint's own on a GPU. */
    public static @Nullable Precision usualPrecision(Device device) {
        return device.isGpu() ? null : Precision.FLOAT32;
    }

    private static Device working(Device device) {
        Scope.open(device).close();
        return device;
    }
}
