package io.github.peft4j.models.kernel.internal;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptBridge;
import io.github.peft4j.models.internal.natives.EngineUnavailableException;
import io.github.peft4j.models.kernel.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Compiled TorchScript methods and the way to call them. The project's own kernels are one library per device; a method or a user
 * compiles another from its own source with {@link #compile}. A library stays loaded as long as the process runs.
 *
 * <p>Calls run with torch's gradient mode off and are refused where it is on: several kernels have no gradient formula and torch
 * would return zeros without a word. {@link AutogradNode} is the way to torch's autograd. Safe for concurrent use.
 */
public final class KernelLibrary {

    /** The class that the project's kernels name as the type of {@code self}. */
    private static final String CLASS = "Kernels";

    /** All but those for products, of which there are several. */
    private static final List<String> SOURCES = List.of("kernels", "activations", "attention", "quantization");

    private static final Map<Device, KernelLibrary> LOADED = new ConcurrentHashMap<>();
    private static final ThreadLocal<Boolean> PREPARED = ThreadLocal.withInitial(() -> Boolean.FALSE);

    private final PtSymbolBlock module;
    private final ProductChoice products;
    private final ScriptValues.Absent absent;

    private KernelLibrary(PtSymbolBlock module, ProductChoice products) {
        this.module = module;
        this.products = products;
        this.absent = new ScriptValues.Absent(
                ScriptBridge.run(module, "none", new long[0]), ScriptBridge.run(module, "no_tensors", new long[0]));
    }

    /**
     * The project's kernels on a device, compiled at the first call.
     *
     * @throws IllegalArgumentException if the system property {@value ProductChoice#PROPERTY} has a value that is not known
     * @throws EngineUnavailableException if the engine cannot be loaded, or cannot compute on that device
     */
    public static KernelLibrary forDevice(Device device) {
        KernelLibrary loaded = LOADED.get(device);
        return loaded != null ? loaded : LOADED.computeIfAbsent(device, KernelLibrary::load);
    }

    private static KernelLibrary load(Device device) {
        boolean wanted = ProductChoice.oneDnnWanted(System.getProperty(ProductChoice.PROPERTY));
        if (device.isGpu() || !wanted) {
            return load(device, "plain");
        }
        try {
            return load(device, "onednn");
        } catch (EngineException e) {
            // This build of libtorch has no oneDNN (macOS on arm64, for example): the plain operators stand behind it.
            return load(device, "plain");
        }
    }

    /** The project's kernels with one of the sources for products. */
    public static KernelLibrary load(Device device, String products) {
        StringBuilder text = new StringBuilder();
        SOURCES.forEach(name -> text.append(source(name)));
        text.append(source("products-" + products));
        PtSymbolBlock module = ScriptArchive.load(manager(device), CLASS, text.toString());
        return new KernelLibrary(module, products.equals("onednn") ? oneDnnOn(module) : ProductChoice.TORCH);
    }

    private static ProductChoice oneDnnOn(PtSymbolBlock module) {
        Object bfloat16 = ScriptBridge.result(ScriptBridge.run(module, "onednn_has_bfloat16", new long[0]), handle -> {
            throw new IllegalStateException("expected a truth value, got a tensor");
        });
        return new ProductChoice(true, Boolean.TRUE.equals(bfloat16));
    }

    /**
     * Methods of the class of the project's kernels, with those kernels that they call.
     *
     * @param products the sources for products
     * @throws EngineException if the methods do not compile
     */
    static KernelLibrary withKernels(Device device, List<String> products, String methods) {
        List<String> sources = new ArrayList<>(SOURCES);
        sources.add("decode");
        sources.addAll(products);
        return compile(device, CLASS, new KernelText(sources).calledBy(methods) + methods);
    }

    /** The text of a source by its name without the ending. */
    static String source(String name) {
        return ScriptArchive.source(KernelLibrary.class, name + ".py");
    }

    /** A manager of its own on a device that has been found to work. */
    private static PtNDManager manager(Device device) {
        prepareThread();
        PtNDManager manager = TorchEngine.load().manager(device);
        try {
            manager.create(0f).close();
            return manager;
        } catch (EngineException | IllegalArgumentException e) {
            manager.close();
            throw new EngineUnavailableException(
                    "PyTorch cannot compute on device " + device + ": " + EngineMessages.brief(e)
                            + ". Use the CPU, or for a GPU see docs/how-to/gpu.md",
                    e);
        }
    }

    /**
     * Compiles further kernels for a device.
     *
     * @param className the class that the methods name as the type of {@code self}, as in {@code __torch__.MyKernels}
     * @param methods the methods in TorchScript's serialised syntax, indented by two spaces
     * @throws EngineException if the source does not compile, with the engine's reason
     * @throws IllegalArgumentException if the class name is not a plain identifier
     * @throws EngineUnavailableException if the engine cannot be loaded, or cannot compute on that device
     */
    public static KernelLibrary compile(Device device, String className, String methods) {
        String self = "(self: __torch__." + className + ") -> ";
        String constants = "  def none" + self + "Optional[Tensor]:\n    return None\n  def no_tensors" + self
                + "List[Tensor]:\n    return annotate(List[Tensor], [])\n";
        return new KernelLibrary(
                ScriptArchive.load(manager(device), className, constants + methods), ProductChoice.TORCH);
    }

    /** Which routine products go to. */
    public ProductChoice products() {
        return products;
    }

    /**
     * Runs a method.
     *
     * @param owner the scope that owns every array in the result
     * @param arguments arrays, lists or collections of arrays, {@code Long}, {@code Integer}, {@code Double}, {@code Float},
     *     {@code Boolean}, {@code String}, {@code long[]}, {@code int[]}, or null for an absent tensor
     * @return a tensor as array, a list of tensors as {@code NDArray[]}, a tuple as {@code Object[]}, a number as {@code Long},
     *     {@code Double} or {@code Boolean}, text as {@code String}, nothing as null
     * @throws IllegalStateException if torch's gradient mode is on, or an array or the owner is closed
     * @throws IllegalArgumentException if an argument or the result is of another kind, or an array of text
     * @throws EngineException if the method fails, with the arguments' shapes and the engine's reason
     */
    public @Nullable Object call(Scope owner, String method, @Nullable Object... arguments) {
        enter(method);
        return run(owner, method, arguments);
    }

    /**
     * Runs a method whatever the gradient mode, for use inside {@link AutogradNode}: the caller vouches that it is made of operators
     * that have gradients.
     *
     * @param owner the scope that owns every array in the result
     * @return see {@link #call}
     * @throws IllegalStateException if an array or the owner is closed
     * @throws IllegalArgumentException if an argument or the result is of a kind that {@link #call} does not name
     * @throws EngineException if the method fails
     */
    public @Nullable Object callDifferentiable(Scope owner, String method, @Nullable Object... arguments) {
        return run(owner, method, arguments);
    }

    private @Nullable Object run(Scope owner, String method, @Nullable Object[] arguments) {
        owner.requireOpen(method);
        try (ScriptValues values = new ScriptValues(absent, method, arguments)) {
            return ScriptBridge.result(ScriptBridge.run(module, method, values.handles()), owner.arrays());
        } catch (EngineException e) {
            throw EngineMessages.failed(method, arguments, e);
        }
    }

    /**
     * To be called before every kernel: prepares a new thread, and refuses under gradient mode.
     *
     * @throws IllegalStateException if torch's gradient mode is on
     */
    public static void enter(String method) {
        prepareThread();
        if (ScriptBridge.gradientMode()) {
            throw new IllegalStateException(
                    "kernel " + method + " was called with torch's gradient mode on, where it would lose"
                            + " gradients silently: run it through Tape, or inside AutogradNode with differentiable operators only");
        }
    }

    /** Both settings are per thread: a new thread records gradients, and re-optimises each kernel for each new shape. */
    static void prepareThread() {
        if (!PREPARED.get()) {
            TorchEngine.load();
            JniUtils.setGradMode(false);
            JniUtils.setGraphExecutorOptimize(false);
            PREPARED.set(Boolean.TRUE);
        }
    }
}
