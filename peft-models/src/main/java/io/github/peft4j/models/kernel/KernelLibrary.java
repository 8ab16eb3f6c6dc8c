package io.github.peft4j.models.kernel;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptBridge;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Compiled TorchScript methods and the way to call them. The project's own kernels are one library per device; a method or a user
 * compiles another from its own source with {@link #compile}.
 *
 * <p>Calls run with torch's gradient mode off and are refused where it is on: several kernels have no gradient formula and torch
 * would return zeros without a word. {@link AutogradNode} is the way to torch's autograd. Safe for concurrent use.
 */
public final class KernelLibrary {

    private static final Map<Device, KernelLibrary> LOADED = new ConcurrentHashMap<>();
    private static final ThreadLocal<Boolean> PREPARED = ThreadLocal.withInitial(() -> Boolean.FALSE);

    private final PtSymbolBlock module;
    private final boolean oneDnn;
    private final long none;
    private final long noTensors;

    private KernelLibrary(PtSymbolBlock module, boolean oneDnn) {
        this.module = module;
        this.oneDnn = oneDnn;
        this.none = ScriptBridge.run(module, "none", new long[0]);
        this.noTensors = ScriptBridge.run(module, "no_tensors", new long[0]);
    }

    /** The project's kernels on a device, compiled at the first call. */
    static KernelLibrary forDevice(Device device) {
        return LOADED.computeIfAbsent(device, KernelLibrary::load);
    }

    private static KernelLibrary load(Device device) {
        prepareThread();
        PtNDManager manager = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(device);
        String common = ScriptArchive.source(KernelLibrary.class, "kernels.py");
        if (!device.isGpu()) {
            try {
                return new KernelLibrary(
                        ScriptArchive.load(manager, "Kernels", common + part("onednn") + attention("cpu")), true);
            } catch (EngineException e) {
                // This build of libtorch has no oneDNN (macOS on arm64, for example): the plain operators stand behind
                // it.
                return new KernelLibrary(
                        ScriptArchive.load(manager, "Kernels", common + part("plain") + attention("cpu")), false);
            }
        }
        return new KernelLibrary(
                ScriptArchive.load(manager, "Kernels", common + part("plain") + attention("plain")), false);
    }

    private static String part(String name) {
        return ScriptArchive.source(KernelLibrary.class, "products-" + name + ".py");
    }

    private static String attention(String name) {
        return ScriptArchive.source(KernelLibrary.class, "long-attention-" + name + ".py");
    }

    /**
     * Compiles further kernels for a device.
     *
     * @param className the class that the methods name as the type of {@code self}, as in {@code __torch__.MyKernels}
     * @param methods the methods in TorchScript's serialised syntax, indented by two spaces
     * @throws EngineException if the source does not compile
     */
    public static KernelLibrary compile(Device device, String className, String methods) {
        prepareThread();
        PtNDManager manager = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(device);
        String constants = "  def none(self: __torch__." + className + ") -> Optional[Tensor]:\n    return None\n"
                + "  def no_tensors(self: __torch__." + className
                + ") -> List[Tensor]:\n    return annotate(List[Tensor], [])\n";
        return new KernelLibrary(ScriptArchive.load(manager, className, constants + methods), false);
    }

    /** Whether products may go to oneDNN's own operator. */
    boolean hasOneDnn() {
        return oneDnn;
    }

    /**
     * Runs a method.
     *
     * @param owner the scope that owns every array in the result
     * @param arguments arrays, lists or collections of arrays, {@code Long}, {@code Integer}, {@code Double}, {@code Boolean},
     *     {@code String}, {@code long[]}, {@code int[]}, or null for an absent tensor
     * @return see {@link ScriptBridge#result}
     * @throws IllegalStateException if torch's gradient mode is on
     */
    public @Nullable Object call(Scope owner, String method, @Nullable Object... arguments) {
        prepareThread();
        if (ScriptBridge.gradientMode()) {
            throw new IllegalStateException(
                    "kernel " + method + " was called with torch's gradient mode on, where it would lose"
                            + " gradients silently: run it through Tape, or inside AutogradNode with differentiable operators only");
        }
        return run(owner, method, arguments);
    }

    /**
     * Runs a method whatever the gradient mode, for use inside {@link AutogradNode}: the caller vouches that it is made of operators
     * that have gradients.
     *
     * @param owner the scope that owns every array in the result
     * @return see {@link ScriptBridge#result}
     */
    public @Nullable Object callDifferentiable(Scope owner, String method, @Nullable Object... arguments) {
        return run(owner, method, arguments);
    }

    private @Nullable Object run(Scope owner, String method, @Nullable Object... arguments) {
        long[] values = new long[arguments.length];
        int made = 0;
        try {
            for (; made < values.length; made++) {
                values[made] = value(arguments[made]);
            }
            return ScriptBridge.result(ScriptBridge.run(module, method, values), owner.manager());
        } catch (EngineException e) {
            throw new EngineException(
                    "kernel " + method + Arrays.toString(shapes(arguments)) + " failed: " + e.getMessage(), e);
        } finally {
            for (int i = 0; i < made; i++) {
                if (values[i] != none && values[i] != noTensors) {
                    ScriptBridge.free(values[i]);
                }
            }
        }
    }

    private long value(@Nullable Object argument) {
        if (argument == null) {
            return none;
        }
        if (argument instanceof PtNDArray array) {
            return ScriptBridge.tensor(array);
        }
        if (argument instanceof Long || argument instanceof Integer) {
            return ScriptBridge.integer(((Number) argument).longValue());
        }
        if (argument instanceof Double || argument instanceof Float) {
            return ScriptBridge.number(((Number) argument).doubleValue());
        }
        if (argument instanceof Boolean truth) {
            return ScriptBridge.bool(truth);
        }
        if (argument instanceof String text) {
            return ScriptBridge.text(text);
        }
        if (argument instanceof long[] numbers) {
            return ScriptBridge.integers(numbers);
        }
        if (argument instanceof int[] numbers) {
            return ScriptBridge.integers(Arrays.stream(numbers).asLongStream().toArray());
        }
        PtNDArray[] arrays = argument instanceof Collection<?> list
                ? list.toArray(new PtNDArray[0])
                : Arrays.copyOf((Object[]) argument, ((Object[]) argument).length, PtNDArray[].class);
        return arrays.length == 0 ? noTensors : ScriptBridge.tensors(arrays);
    }

    private static String[] shapes(@Nullable Object[] arguments) {
        return Arrays.stream(arguments)
                .map(a -> a instanceof PtNDArray array
                        ? array.getShape().toString()
                        : Objects.toString(a instanceof Collection ? "list" : a))
                .toArray(String[]::new);
    }

    /** Both settings are per thread: a new thread records gradients, and re-optimises each kernel for each new shape. */
    private static void prepareThread() {
        if (!PREPARED.get()) {
            Engine.getEngine("PyTorch");
            JniUtils.setGradMode(false);
            JniUtils.setGraphExecutorOptimize(false);
            PREPARED.set(Boolean.TRUE);
        }
    }
}
