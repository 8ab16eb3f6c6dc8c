package io.github.peft4j.methods.vera;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.KernelLibrary;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The numeric operations of VeRA, written in {@code vera.py}; results belong to the scope given. */
final class VeraKernels {

    private static final Map<Device, KernelLibrary> LOADED = new ConcurrentHashMap<>();

    private final Scope scope;
    private final KernelLibrary library;

    private VeraKernels(Scope scope, KernelLibrary library) {
        this.scope = scope;
        this.library = library;
    }

    /** Operations whose results belong to the same scope as {@code kernels}' results. */
    static VeraKernels of(Kernels kernels) {
        Scope scope = kernels.scope();
        return new VeraKernels(scope, LOADED.computeIfAbsent(scope.device(), VeraKernels::load));
    }

    private static KernelLibrary load(Device device) {
        try (InputStream in = Objects.requireNonNull(VeraKernels.class.getResourceAsStream("vera.py"))) {
            return KernelLibrary.compile(device, "VeraKernels", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private NDArray array(String method, @Nullable Object... arguments) {
        return (NDArray) Objects.requireNonNull(library.call(scope, method, arguments));
    }

    /** base + b (B (d inner)): inner [N, R], d [R], B [out, R], b [out], base [N, out]. */
    NDArray up(NDArray inner, NDArray d, NDArray up, NDArray b, NDArray base) {
        return array("up", inner, d, up, b, base);
    }

    /** Gradient of {@link #up}'s d inner, [N, R]. */
    NDArray flowed(NDArray g, NDArray up, NDArray b) {
        return array("flowed", g, up, b);
    }

    /** Gradient of {@link #up}'s b, float32 [out]. */
    NDArray bGradient(NDArray g, NDArray inner, NDArray d, NDArray up) {
        return array("b_gradient", g, inner, d, up);
    }

    /** diag(b) B diag(d) A, float32 [out, in]. */
    NDArray delta(NDArray down, NDArray up, NDArray d, NDArray b) {
        return array("delta", down, up, d, b);
    }

    /** diag(v) w: each row times a value. */
    NDArray scaledRows(NDArray w, NDArray v) {
        return array("scaled_rows", w, v);
    }
}
