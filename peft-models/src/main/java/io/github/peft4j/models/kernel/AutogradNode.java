package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A piece of computation whose gradients torch's own autograd works out: the way for small networks that have no kernel pair, and for
 * methods of a user's own. To the {@link Tape} it is one node.
 *
 * <p>Torch's gradient mode is on inside the function only. What the function reads of the model are detached copies of handles, so that
 * nothing outside takes part in torch's graph; the graph is freed when the node has run or the tape is closed. Operators without a
 * gradient formula must not be used inside: {@link KernelLibrary#call} refuses to, {@link KernelLibrary#callDifferentiable} trusts.
 */
public final class AutogradNode {

    /** The computation. */
    @FunctionalInterface
    public interface Function {
        /**
         * Computes one array.
         *
         * @param inputs values of the node's inputs, then of its weights, in the order given; not to be closed
         * @return a new array made from them by operators that have gradients
         */
        NDArray apply(NDArray[] inputs);
    }

    private record Leaf(
            NDArray array,
            @Nullable Activation input,
            @Nullable Weight weight) {

        void take(Kernels kernels) {
            try (NDArray gradient = array.getGradient()) {
                if (input != null) {
                    input.accumulate(kernels.copy(gradient), kernels);
                } else if (weight != null) {
                    weight.accumulate(kernels.cast(gradient, Precision.FLOAT32));
                }
            }
        }
    }

    private AutogradNode() {}

    /**
     * Runs a function, under torch's autograd if a backward pass will follow and something it reads needs a gradient.
     *
     * @param scope owns the result
     * @param tape the tape, or null if there will be no backward pass
     * @param inputs values it reads
     * @param weights weights it reads
     * @return the result; the caller closes it
     */
    public static Activation run(
            Scope scope, @Nullable Tape tape, List<Activation> inputs, List<Weight> weights, Function function) {
        List<NDArray> read = new ArrayList<>();
        List<Leaf> leaves = new ArrayList<>();
        for (Activation input : inputs) {
            NDArray handle = scope.alias(input.array());
            read.add(handle);
            if (input.needsGradient()) {
                leaves.add(new Leaf(handle, input, null));
            }
        }
        for (Weight weight : weights) {
            NDArray handle = scope.alias(weight.array());
            read.add(handle);
            if (weight.trainable()) {
                leaves.add(new Leaf(handle, null, weight));
            }
        }
        if (tape == null || leaves.isEmpty()) {
            NDArray output = scope.adopt(function.apply(read.toArray(NDArray[]::new)));
            read.forEach(NDArray::close);
            return Activation.constant(output);
        }
        return record(scope, tape, read, leaves, function);
    }

    private static Activation record(Scope scope, Tape tape, List<NDArray> read, List<Leaf> leaves, Function function) {
        leaves.forEach(leaf -> leaf.array().setRequiresGradient(true));
        NDArray output;
        JniUtils.setGradMode(true);
        try {
            output = scope.adopt(function.apply(read.toArray(NDArray[]::new)));
        } finally {
            JniUtils.setGradMode(false);
        }
        List<NDArray> saved = new ArrayList<>(read);
        saved.add(output);
        return tape.push(scope.alias(output), saved, gradient -> {
            JniUtils.backward((PtNDArray) output, (PtNDArray) gradient, false, false);
            leaves.forEach(leaf -> leaf.take(scope.kernels()));
        });
    }
}
