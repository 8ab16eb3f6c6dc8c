package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.DirectCalls;
import ai.djl.pytorch.jni.JniUtils;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A piece of computation whose gradients torch's own autograd works out: the way for small networks that have no kernel pair, and for
 * methods of a user's own. To the {@link Tape} it is one node.
 *
 * <p>The function sees float32 values, whatever the model's format: DJL's operators are safe on them, while several end the process on
 * bfloat16. Torch's gradient mode is on inside the function only. What it reads are handles of its own, so that nothing outside takes
 * part in torch's graph; the graph is freed when the node has run or the tape is closed. Operators without a gradient formula must
 * not be used inside: {@link KernelLibrary#call} and {@link Kernels} refuse to, {@link KernelLibrary#callDifferentiable} trusts.
 */
public final class AutogradNode {

    private record Leaf(
            PtNDArray array,
            @Nullable Activation input,
            @Nullable Weight weight) {

        /** Hands on what torch has found; nothing if the function did not use this value. */
        void take(Scope scope) {
            Long found = DirectCalls.gradient(array);
            if (found == null) {
                return;
            }
            Kernels kernels = scope.kernels();
            try (NDArray gradient = scope.arrays().apply(found)) {
                if (input != null) {
                    input.accumulate(kernels.cast(gradient, kernels.precision(input.array())), kernels);
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
     * @param function computes one array of the values of the inputs, then of the weights, in the order given, float32 unless they are whole
     *     numbers and not to be closed, by operators that have gradients; whatever else it makes on this thread is freed when it returns
     * @return the result, in the format that the function returned; the caller closes it
     * @throws IllegalStateException if torch's gradient mode is on already, or a gradient is needed and the result depends on
     *     nothing that needs one
     */
    public static Activation run(
            Scope scope,
            @Nullable Tape tape,
            List<Activation> inputs,
            List<Weight> weights,
            Function<NDArray[], NDArray> function) {
        KernelLibrary.enter("AutogradNode");
        Kernels kernels = scope.kernels();
        List<NDArray> read = new ArrayList<>();
        List<Leaf> leaves = new ArrayList<>();
        try {
            for (Activation input : inputs) {
                NDArray handle = float32(kernels, input.array());
                read.add(handle);
                if (tape != null && input.needsGradient()) {
                    leaves.add(new Leaf((PtNDArray) handle, input, null));
                }
            }
            for (Weight weight : weights) {
                NDArray handle = float32(kernels, weight.array());
                read.add(handle);
                if (tape != null && weight.trainable()) {
                    leaves.add(new Leaf((PtNDArray) handle, null, weight));
                }
            }
            if (tape == null || leaves.isEmpty()) {
                NDArray output = apply(scope, function, read, false);
                read.forEach(NDArray::close);
                return Activation.constant(output);
            }
            leaves.forEach(leaf -> leaf.array().setRequiresGradient(true));
            return record(scope, tape, apply(scope, function, read, true), read, leaves);
        } catch (RuntimeException | Error e) {
            read.forEach(NDArray::close);
            throw e;
        }
    }

    /**
     * The same with the result in a given format, such as the model's.
     *
     * @param precision format of the result
     * @see #run(Scope, Tape, List, List, Function)
     */
    public static Activation run(
            Scope scope,
            @Nullable Tape tape,
            Precision precision,
            List<Activation> inputs,
            List<Weight> weights,
            Function<NDArray[], NDArray> function) {
        Activation output = run(scope, tape, inputs, weights, function);
        Kernels kernels = scope.kernels();
        Precision made = kernels.precision(output.array());
        if (made == precision) {
            return output;
        }
        try (output) {
            NDArray cast = kernels.cast(output.array(), precision);
            return tape == null || !output.needsGradient()
                    ? Activation.constant(cast)
                    : tape.push(cast, List.of(), g -> output.accumulate(kernels.cast(g, made), kernels));
        }
    }

    private static NDArray float32(Kernels kernels, NDArray array) {
        DataType type = array.getDataType();
        return type == DataType.FLOAT32 || type.isInteger() || type.isBoolean()
                ? kernels.alias(array)
                : kernels.cast(array, Precision.FLOAT32);
    }

    /** The function's result, owned by the scope; everything else that it made is freed. */
    private static NDArray apply(
            Scope scope, Function<NDArray[], NDArray> function, List<NDArray> read, boolean recording) {
        try (NDScope intermediate = new NDScope()) {
            intermediate.suppressNotUsedWarning();
            JniUtils.setGradMode(recording);
            NDArray output;
            try {
                output = function.apply(read.toArray(NDArray[]::new));
            } finally {
                JniUtils.setGradMode(false);
            }
            if (!recording && isOneOf(read, output)) {
                output = scope.alias(output);
            }
            NDScope.unregister(output);
            return scope.adopt(output);
        }
    }

    /** By identity: DJL compares arrays by their contents. */
    private static boolean isOneOf(List<NDArray> arrays, NDArray array) {
        return arrays.stream().anyMatch(a -> a == array);
    }

    private static Activation record(Scope scope, Tape tape, NDArray output, List<NDArray> read, List<Leaf> leaves) {
        if (!Boolean.TRUE.equals(scope.library().call(scope, "is_in_graph", output))) {
            output.close();
            throw new IllegalStateException(
                    "the result of an AutogradNode depends on none of its inputs and weights that need"
                            + " a gradient: use them, and no operator that cuts torch's graph (toType, toDevice, duplicate)");
        }
        List<NDArray> saved = new ArrayList<>(read);
        saved.add(output);
        return tape.push(scope.alias(output), saved, gradient -> {
            JniUtils.backward((PtNDArray) output, (PtNDArray) gradient, false, false);
            leaves.forEach(leaf -> leaf.take(scope));
        });
    }
}
