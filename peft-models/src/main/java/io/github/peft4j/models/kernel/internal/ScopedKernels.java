package io.github.peft4j.models.kernel.internal;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A package's own kernels with results in one scope: what its typed face, a class of methods with named arguments, calls.
 *
 * @param scope the owner of the results
 * @param library the compiled kernels
 */
public record ScopedKernels(Scope scope, KernelLibrary library) {

    private record Source(Device device, Class<?> face) {}

    private static final Map<Source, KernelLibrary> LOADED = new ConcurrentHashMap<>();

    /**
     * The kernels of a file, compiled once per device.
     *
     * @param face the class that calls them; the file's {@code self} is of a type of its simple name
     * @param file a resource beside it, in TorchScript's serialised syntax as {@link KernelLibrary#compile} takes it
     * @throws IllegalArgumentException if there is no such file
     * @throws ai.djl.engine.EngineException if it does not compile
     */
    public static ScopedKernels of(Scope scope, Class<?> face, String file) {
        return new ScopedKernels(
                scope,
                LOADED.computeIfAbsent(
                        new Source(scope.device(), face),
                        source -> KernelLibrary.compile(
                                source.device, face.getSimpleName(), ScriptArchive.source(face, file))));
    }

    /** The one array that a method returns; see {@link KernelLibrary#call}. */
    public NDArray array(String method, @Nullable Object... arguments) {
        return (NDArray) Objects.requireNonNull(library.call(scope, method, arguments));
    }

    /** The arrays that a method returns as a tuple; see {@link KernelLibrary#call}. */
    public NDArray[] arrays(String method, @Nullable Object... arguments) {
        Object[] values = (Object[]) Objects.requireNonNull(library.call(scope, method, arguments));
        return Arrays.copyOf(values, values.length, NDArray[].class);
    }
}
