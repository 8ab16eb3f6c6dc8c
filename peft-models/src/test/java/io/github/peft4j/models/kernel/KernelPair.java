package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;

/**
 * A kernel at certain inputs, with its gradients as its backward kernels compute them.
 *
 * @param inputs what gradients are computed for
 * @param forward the kernel
 * @param backward gradients of the inputs from gradients of the outputs; the last argument holds the outputs of {@code forward}
 * @param writtenOut the method of {@code written-out.py} that computes the same; several outputs are stacked there
 * @param rest further arguments of that method
 */
record KernelPair(NDArray[] inputs, Forward forward, Backward backward, String writtenOut, Object... rest) {

    interface Forward {
        NDArray[] apply(NDArray[] inputs);
    }

    interface Backward {
        NDArray[] apply(NDArray[] gradients, NDArray[] inputs);
    }

    NDArray[] outputs() {
        return forward.apply(inputs);
    }
}
