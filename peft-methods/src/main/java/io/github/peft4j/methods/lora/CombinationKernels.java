package io.github.peft4j.methods.lora;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.KernelLibrary;
import io.github.peft4j.models.kernel.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** The numeric operations that only combining adapters needs, written in {@code combination.py}; results belong to the scope given. */
final class CombinationKernels {

    private static final Map<Device, KernelLibrary> LOADED = new ConcurrentHashMap<>();

    private final Scope scope;
    private final KernelLibrary library;

    /** Operations whose results belong to {@code scope}. */
    CombinationKernels(Scope scope) {
        this.scope = scope;
        this.library = LOADED.computeIfAbsent(scope.device(), CombinationKernels::load);
    }

    private static KernelLibrary load(Device device) {
        try (InputStream in = Objects.requireNonNull(CombinationKernels.class.getResourceAsStream("combination.py"))) {
            return KernelLibrary.compile(
                    device, "LoraCombination", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Object call(String method, Object... arguments) {
        return Objects.requireNonNull(library.call(scope, method, arguments));
    }

    /** x with all but the k largest absolute values zero. */
    NDArray largest(NDArray x, long k) {
        return (NDArray) call("largest", x, k);
    }

    /**
     * The mean, at each place, of those weighted values whose sign the place has elected.
     *
     * @param values as they vote, of one shape
     * @param weighted the same times their weights
     * @param total whether the sign of the sum is elected, and not that of most values
     */
    NDArray elected(List<NDArray> values, List<NDArray> weighted, boolean total) {
        return (NDArray) call("elected", values, weighted, total);
    }

    /** A [k, in] and B [out, k] of singular vectors and values u [out, k], s [k], vh [k, in]. */
    NDArray[] factors(NDArray u, NDArray s, NDArray vh) {
        Object[] pair = (Object[]) call("factors", u, s, vh);
        return new NDArray[] {(NDArray) pair[0], (NDArray) pair[1]};
    }

    /** x cut off where it is further from zero than a quantile of all values of both factors. */
    NDArray clamped(NDArray x, NDArray a, NDArray b, double quantile) {
        return (NDArray) call("clamped", x, a, b, quantile);
    }
}
