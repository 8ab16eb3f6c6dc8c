package io.github.peft4j.models.kernel.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a backward pass has to do, recorded in forward order and done in reverse.
 *
 * <p>Each node knows its outputs, the arrays it saved, and a step that turns the outputs' gradients into gradients of its inputs and
 * weights. A node whose inputs and weights need no gradient is never pushed, so nothing is saved or computed below the lowest trainable
 * weight. Saved arrays are handles of the tape's own, closed when the node has run or the tape is closed. Used by one thread.
 */
public final class Tape implements AutoCloseable {

    /** Turns gradients of a node's outputs into gradients of what it read. */
    @FunctionalInterface
    public interface Backward {
        /**
         * Runs the step.
         *
         * @param gradients one per output, null where nothing flowed back; closed by the tape afterwards, and never to be changed in
         *     place, since other nodes may read the same memory
         */
        void apply(@Nullable NDArray[] gradients);
    }

    /** {@link Backward} of a node with one output. */
    @FunctionalInterface
    public interface SingleBackward {
        /** Runs the step; {@code gradient} is closed by the tape afterwards, and never to be changed in place. */
        void apply(NDArray gradient);
    }

    private record Node(Activation[] outputs, Backward backward, List<NDArray> saved) {}

    private final Deque<Node> nodes = new ArrayDeque<>();

    /** Records a node with one output. */
    public Activation push(NDArray output, List<NDArray> saved, SingleBackward backward) {
        return push(new NDArray[] {output}, saved, gradients -> backward.apply(Objects.requireNonNull(gradients[0])))[
                0];
    }

    /**
     * Records a node.
     *
     * @param outputs its results, owned by whoever receives the activations
     * @param saved handles that {@code backward} reads; the tape owns them from now on
     */
    public Activation[] push(NDArray[] outputs, List<NDArray> saved, Backward backward) {
        Activation[] activations =
                Arrays.stream(outputs).map(Activation::variable).toArray(Activation[]::new);
        nodes.push(new Node(activations, backward, saved));
        return activations.clone();
    }

    /** Number of nodes still to run. */
    public int size() {
        return nodes.size();
    }

    /**
     * Walks back from where gradients were put, usually the last output, and empties the tape. Gradients of trainable weights and of
     * variables that no node produced are left in their slots. A node whose outputs got no gradient is passed over.
     *
     * <p>Where a step throws, what its node saved and was given is freed, and the nodes below it stay for {@link #close}.
     */
    public void backward() {
        while (!nodes.isEmpty()) {
            run(nodes.pop());
        }
    }

    private static void run(Node node) {
        @Nullable NDArray[] gradients = new NDArray[node.outputs.length];
        boolean any = false;
        for (int i = 0; i < gradients.length; i++) {
            gradients[i] = node.outputs[i].takeGradient();
            any |= gradients[i] != null;
        }
        try {
            if (any) {
                node.backward.apply(gradients);
            }
        } finally {
            for (NDArray gradient : gradients) {
                if (gradient != null) {
                    gradient.close();
                }
            }
            node.saved.forEach(NDArray::close);
        }
    }

    /** Frees what nodes that never ran had saved, and the gradients that wait for them. */
    @Override
    public void close() {
        while (!nodes.isEmpty()) {
            Node node = nodes.pop();
            node.saved.forEach(NDArray::close);
            for (Activation output : node.outputs) {
                NDArray gradient = output.takeGradient();
                if (gradient != null) {
                    gradient.close();
                }
            }
        }
    }
}
