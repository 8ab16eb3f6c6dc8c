package io.github.peft4j.methods.llamaadapter.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.ScopedKernels;

/** The numeric operations of adaption prompts, written in {@code adaption.py}; results belong to the scope given. */
record AdaptionKernels(ScopedKernels kernels) {

    /** Operations whose results belong to {@code scope}. */
    static AdaptionKernels of(Scope scope) {
        return new AdaptionKernels(ScopedKernels.of(scope, AdaptionKernels.class, "adaption.py"));
    }

    /** The owner of the results. */
    Scope scope() {
        return kernels.scope();
    }

    /** An outcome [N, H, Dh] and the probabilities [K, (H/K) N, P] that its backward step needs. */
    record Attended(NDArray outcome, NDArray probabilities) {}

    /** gate softmax(q k^T scale) v: q [N, H, Dh], k and v [P, K, Dh], gate float32 [1]. */
    Attended attend(NDArray q, NDArray k, NDArray v, NDArray gate, double scale) {
        NDArray[] made = kernels.arrays("attend", q, k, v, gate, scale);
        return new Attended(made[0], made[1]);
    }

    /** Gradients of the scores, from which that of the queries follows, of keys and values in their format, and of the gate, float32. */
    record Gradients(NDArray scores, NDArray keys, NDArray values, NDArray gate) {}

    /** Gradients of {@link #attend} from that of its outcome, g. */
    Gradients attendGradient(NDArray g, NDArray q, NDArray v, NDArray probabilities, NDArray gate, double scale) {
        NDArray[] made = kernels.arrays("attend_gradient", g, q, v, probabilities, gate, scale);
        return new Gradients(made[0], made[1], made[2], made[3]);
    }

    /** The gradient [N, H, Dh] of the queries. */
    NDArray queryGradient(NDArray scores, NDArray k, long count) {
        return kernels.array("query_gradient", scores, k, count);
    }

    /** Keys as {@code [K, Dh, P]}. */
    NDArray tokenKeys(NDArray k) {
        return kernels.array("token_keys", k);
    }

    /** Values times the gate as {@code [K, P, Dh]}. */
    NDArray tokenValues(NDArray v, NDArray gate) {
        return kernels.array("token_values", v, gate);
    }
}
