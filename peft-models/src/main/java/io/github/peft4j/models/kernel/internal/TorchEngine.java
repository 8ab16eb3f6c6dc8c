package io.github.peft4j.models.kernel.internal;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.pytorch.engine.PtEngineProvider;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import io.github.peft4j.models.internal.natives.EngineUnavailableException;
import io.github.peft4j.models.internal.natives.NativeLoading;
import io.github.peft4j.models.internal.natives.ShortWaits;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The engine that computes: PyTorch through the Deep Java Library, loaded once in a process, at first use. Its native libraries come from
 * the class path or from the folder that {@code PYTORCH_LIBRARY_PATH} names; nothing is downloaded. Safe for concurrent use.
 */
public final class TorchEngine {

    private static volatile @Nullable TorchEngine loaded;
    private static @Nullable EngineUnavailableException failure;

    private final Engine engine;

    private TorchEngine(Engine engine) {
        this.engine = engine;
    }

    /**
     * Loads the engine, or returns it.
     *
     * @throws EngineUnavailableException if it cannot be loaded, now or when it was first tried: what is missing, and what to add
     */
    public static TorchEngine load() {
        TorchEngine there = loaded;
        return there != null ? there : loadOnce();
    }

    private static synchronized TorchEngine loadOnce() {
        TorchEngine there = loaded;
        if (there != null) {
            return there;
        }
        if (failure != null) {
            // The class that failed to initialise would say nothing but that it did.
            throw new EngineUnavailableException(String.valueOf(failure.getMessage()), failure);
        }
        try {
            NativeLibraries.requireThoseNamed();
            TorchEngine first = new TorchEngine(NativeLoading.fromClassPath(TorchEngine::engine));
            loaded = first;
            return first;
        } catch (EngineUnavailableException e) {
            failure = e;
            throw e;
        } catch (RuntimeException | LinkageError | AssertionError e) {
            failure = NativeLibraries.unavailable(e);
            throw failure;
        }
    }

    /** A jar into which many were put may have lost the file by which the engine is found, so it is named here. */
    private static Engine engine() {
        ShortWaits.arrange();
        if (!Engine.hasEngine("PyTorch")) {
            Engine.registerEngine(new PtEngineProvider());
        }
        return Engine.getEngine("PyTorch");
    }

    /** The version of PyTorch that this version is made for, whether or not it is there. */
    public static String release() {
        return NativeLibraries.release();
    }

    /** A manager of arrays on a device, which the caller closes. */
    public PtNDManager manager(Device device) {
        return (PtNDManager) engine.newBaseManager(device);
    }

    /** The version of PyTorch, for example {@code 2.7.1}. */
    public String version() {
        return engine.getVersion();
    }

    /** The version of the Deep Java Library. */
    public String djlVersion() {
        return Engine.getDjlVersion();
    }

    /** The threads that one operation is computed by. */
    public int threads() {
        return JniUtils.getNumThreads();
    }

    /** The folder that PyTorch's libraries were loaded from. */
    public Path folder() {
        return Path.of(LibUtils.getLibtorchPath());
    }

    /** Whether this PyTorch can compute on a CUDA GPU of this machine: it is built for it, and there is a driver and a GPU. */
    public boolean cuda() {
        return engine.hasCapability(StandardCapabilities.CUDA);
    }
}
