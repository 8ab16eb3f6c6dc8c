package io.github.peft4j.methods.lycoris;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.KernelLibrary;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The numeric operations of LoHa and LoKr, written in {@code lycoris.py}; results belong to the scope given. */
final class LycorisKernels {

    private static final Map<Device, KernelLibrary> LOADED = new ConcurrentHashMap<>();

    private final Scope scope;
    private final KernelLibrary library;

    private LycorisKernels(Scope scope, KernelLibrary library) {
        this.scope = scope;
        this.library = library;
    }

    /** Operations whose results belong to the same scope as {@code kernels}' results. */
    static LycorisKernels of(Kernels kernels) {
        Scope scope = kernels.scope();
        return new LycorisKernels(scope, LOADED.computeIfAbsent(scope.device(), LycorisKernels::load));
    }

    private static KernelLibrary load(Device device) {
        try (InputStream in = Objects.requireNonNull(LycorisKernels.class.getResourceAsStream("lycoris.py"))) {
            return KernelLibrary.compile(
                    device, "LycorisKernels", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private NDArray array(String method, @Nullable Object... arguments) {
        return (NDArray) Objects.requireNonNull(library.call(scope, method, arguments));
    }

    private NDArray[] tuple(String method, @Nullable Object... arguments) {
        Object[] values = (Object[]) Objects.requireNonNull(library.call(scope, method, arguments));
        NDArray[] arrays = new NDArray[values.length];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = (NDArray) values[i];
        }
        return arrays;
    }

    /**
     * scale (a1 b1) * (a2 b2) [out, in], rows times {@code keep} if present.
     *
     * @param factors a1, b1, a2, b2
     */
    NDArray hadamard(NDArray[] factors, double scale, @Nullable NDArray keep, Precision precision) {
        return array("hadamard", factors[0], factors[1], factors[2], factors[3], scale, keep, precision.code());
    }

    /** Gradients of the four factors from that of the update, g [out, in]. */
    NDArray[] hadamardGradient(NDArray g, NDArray[] factors, double scale, @Nullable NDArray keep) {
        return tuple("hadamard_gradient", g, factors[0], factors[1], factors[2], factors[3], scale, keep);
    }

    /** base + keep * (w1 kron w2) x [N, A B], and x w2^T [N, C, B]: x [N, C E], w1 [A, C], w2 [B, E]. */
    NDArray[] kronecker(NDArray x, NDArray w1, NDArray w2, NDArray base, @Nullable NDArray keep) {
        return tuple("kronecker", x, w1, w2, base, keep);
    }

    /** Gradients of x w2^T and of w1, the latter float32. */
    NDArray[] kroneckerInnerGradient(NDArray g, NDArray w1, NDArray inner, @Nullable NDArray keep) {
        return tuple("kronecker_inner_gradient", g, w1, inner, keep);
    }

    /** Gradient of w2, float32, from that of x w2^T. */
    NDArray kroneckerOuterGradient(NDArray flowed, NDArray x) {
        return array("kronecker_outer_gradient", flowed, x);
    }

    /** Gradient of x from that of x w2^T, plus {@code sum} if present. */
    NDArray kroneckerInputGradient(NDArray flowed, NDArray w2, @Nullable NDArray sum) {
        return array("kronecker_input_gradient", flowed, w2, sum);
    }

    /** The Kronecker product of two matrices. */
    NDArray kron(NDArray w1, NDArray w2) {
        return array("kron", w1, w2);
    }

    /** Gradients of a and b from that of a b. */
    NDArray[] productGradient(NDArray g, NDArray a, NDArray b) {
        return tuple("product_gradient", g, a, b);
    }

    /** For each of n outputs 0 with a probability, otherwise 1; float32. Divided by their mean if {@code scaled}. */
    NDArray keep(NDArray like, long n, double probability, long seed, boolean scaled) {
        try (NDArray ones = array("ones", like, n);
                NDArray dropped = scope.kernels().dropout(ones, probability, seed)) {
            return array("keep", dropped, scaled);
        }
    }
}
