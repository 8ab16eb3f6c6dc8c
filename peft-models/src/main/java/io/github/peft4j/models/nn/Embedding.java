package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A table of vectors by number: \(y_i = E_{x_i}\).
 *
 * <p>Shapes: x int64 {@code [N]}; E {@code [V, D]}; y {@code [N, D]}. Saved as {@code weight}.
 */
public final class Embedding extends Module {

    private final Weight weight;

    private Embedding(Weight weight) {
        this.weight = weight(weight);
    }

    /** A table over an existing weight. */
    public static Embedding of(Weight weight) {
        return new Embedding(weight);
    }

    /** Reads {@code weight} [rows, width]. */
    public static Embedding load(Weights weights, long rows, long width) {
        return new Embedding(weights.take("weight", rows, width));
    }

    /** The table E. */
    public Weight weight() {
        return weight;
    }

    @Override
    public Embedding withWeights(UnaryOperator<Weight> choice) {
        return new Embedding(choice.apply(weight));
    }

    private NDArray lookUp(Kernels k, Activation ids) {
        NDArray found = k.embedding(weight.array(), ids.array());
        if (weight.precision() == weight.computePrecision()) {
            return found;
        }
        try (found) {
            return k.cast(found, weight.computePrecision());
        }
    }

    @Override
    public Activation forward(Forward context, Activation ids) {
        Kernels k = context.kernels();
        List<NDArray> saved = context.save(weight.trainable(), ids.array());
        long rows = weight.shape().get(0);
        NDArray rowsOfTable = lookUp(k, ids);
        return context.record(
                rowsOfTable,
                weight.trainable(),
                saved,
                g -> weight.accumulate(k.embeddingGradient(g, saved.get(0), rows)));
    }
}
