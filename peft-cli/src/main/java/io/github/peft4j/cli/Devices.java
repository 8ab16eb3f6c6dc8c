package io.github.peft4j.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.util.cuda.CudaUtils;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The devices of this machine. What is asked for and not there is refused, never replaced. */
final class Devices {

    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

    private Devices() {}

    /**
     * A device by name.
     *
     * @param name {@code cpu}, {@code cuda} or {@code cuda:N}
     * @throws BadInput if the machine or the native library in use lacks it
     */
    static Device named(String name) {
        if (name.equals("cpu")) {
            return Device.cpu();
        }
        int index = requireName(name);
        int count = CudaUtils.getGpuCount();
        if (index >= count) {
            throw new BadInput("no device " + name + ": this machine has "
                    + (count == 0 ? "no CUDA GPU that can be used" : "cuda:0 to cuda:" + (count - 1))
                    + ". Use --device cpu" + (count == 0 ? "" : " or one of these"));
        }
        Device device = Device.gpu(index);
        if (!works(device)) {
            throw new BadInput(
                    "no device " + name + ": there is such a GPU, but the PyTorch library in use is for the CPU only."
                            + " docs/how-to/gpu.md tells how to use another; or use --device cpu");
        }
        return device;
    }

    /**
     * The number of a CUDA device, 0 for the CPU.
     *
     * @throws BadInput if this is no name of a device
     */
    static int requireName(String name) {
        Matcher cuda = CUDA.matcher(name);
        if (!name.equals("cpu") && !cuda.matches()) {
            throw new BadInput("--device must be cpu or cuda:N, got \"" + name + "\"");
        }
        return name.equals("cpu") || cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1));
    }

    /** The first GPU if there is one that works, otherwise the CPU. */
    static Device usual(Console console) {
        if (CudaUtils.getGpuCount() == 0) {
            return Device.cpu();
        }
        if (works(Device.gpu(0))) {
            return Device.gpu(0);
        }
        console.note("computing on the CPU: there is a GPU, but the PyTorch library in use is for the CPU only"
                + " (docs/how-to/gpu.md)");
        return Device.cpu();
    }

    private static boolean works(Device device) {
        try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager(device)) {
            manager.create(1f).close();
            return true;
        } catch (EngineException e) {
            return false;
        }
    }
}
