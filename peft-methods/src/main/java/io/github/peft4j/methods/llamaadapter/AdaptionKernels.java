package io.github.peft4j.methods.llamaadapter;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.KernelLibrary;
import io.github.peft4j.models.kernel.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** The numeric operations of adaption prompts, written in {@code adaption.py}; results belong to the scope given. */
final class AdaptionKernels {

    private static final Map<Device, KernelLibrary> LOADED = new ConcurrentHashMap<>();

    private final Scope scope;
    private final KernelLibrary library;

    private AdaptionKernels(Scope scope, KernelLibrary library) {
        this.scope = scope;
        this.library = library;
    }

    /** Operations whose results belong to {@code scope}. */
    static AdaptionKernels of(Scope scope) {
        return new AdaptionKernels(scope, LOADED.computeIfAbsent(scope.device(), AdaptionKernels::load));
    }

    private static KernelLibrary load(Device device) {
        try (InputStream in = Objects.requireNonNull(AdaptionKernels.class.getResourceAsStream("adaption.py"))) {
            return KernelLibrary.compile(
                    device, "AdaptionKernels", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The owner of the results. */
    Scope scope() {
        return scope;
    }

    private NDArray array(String method, Object... arguments) {
        return (NDArray) Objects.requireNonNull(library.call(scope, method, arguments));
    }

    private Object[] tuple(String method, Object... arguments) {
        return (Object[]) Objects.requireNonNull(library.call(scope, method, arguments));
    }

    /** An outcome [N, H, Dh] and the probabilities [K, (H/K) N, P] that its backward step needs. */
    record Attended(NDArray outcome, NDArray probabilities) {}

    /** gate softmax(q k^T scale) v: q [N, H, Dh], k and v [P, K, Dh], gate float32 [1]. */
    Attended attend(NDArray q, NDArray k, NDArray v, NDArray gate, double scale) {
        Object[] made = tuple("attend", q, k, v, gate, scale);
        return new Attended((NDArray) made[0], (NDArray) made[1]);
    }

    /** Gradients of the scores, from which that of the queries follows, of keys and values in their format, and of the gate, float32. */
    record Gradients(NDArray scores, NDArray keys, NDArray values, NDArray gate) {}

    /** Gradients of {@link #attend} from that of its outcome, g. */
    Gradients attendGradient(NDArray g, NDArray q, NDArray v, NDArray probabilities, NDArray gate, double scale) {
        Object[] made = tuple("attend_gradient", g, q, v, probabilities, gate, scale);
        return new Gradients((NDArray) made[0], (NDArray) made[1], (NDArray) made[2], (NDArray) made[3]);
    }

    /** The gradient [N, H, Dh] of the queries. */
    NDArray queryGradient(NDArray scores, NDArray k, long count) {
        return array("query_gradient", scores, k, count);
    }

    /** Keys as {@code [K, Dh, P]}. */
    NDArray tokenKeys(NDArray k) {
        return array("token_keys", k);
    }

    /** Values times the gate as {@code [K, P, Dh]}. */
    NDArray tokenValues(NDArray v, NDArray gate) {
        return array("token_values", v, gate);
    }
}
