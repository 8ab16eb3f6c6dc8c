package io.github.peft4j.models.nn.layer.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.PackedValues;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A table of vectors by number: \(y_i = E_{x_i}\).
 *
 * <p>Shapes: x int64 {@code [N]}; E {@code [V, D]}; y {@code [N, D]}. Saved as {@code weight}. One row may stand for padding: it is looked
 * up like any other, but is not trained, as torch's {@code padding_idx}.
 */
public final class Embedding extends Module {

    /** What {@link #paddingRow} says where there is none. */
    public static final int NO_PADDING = -1;

    private final Weight weight;
    private final int paddingRow;

    private Embedding(Weight weight, int paddingRow) {
        this.weight = weight(weight);
        this.paddingRow = paddingRow;
    }

    /** A table over an existing weight. */
    public static Embedding of(Weight weight) {
        return new Embedding(weight, NO_PADDING);
    }

    /** Reads {@code weight} [rows, width]. */
    public static Embedding load(Weights weights, long rows, long width) {
        return of(weights.take("weight", rows, width));
    }

    /**
     * The same table with a row that is not trained.
     *
     * @param row its number; counted from the end if it is negative, as torch does. A table without such a row stays as it is
     */
    public Embedding withPadding(int row) {
        long rows = weight.shape().get(0);
        long number = row < 0 ? rows + row : row;
        return number < 0 || number >= rows ? this : new Embedding(weight, (int) number);
    }

    /** The table E. */
    public Weight weight() {
        return weight;
    }

    @Override
    public Embedding withWeights(UnaryOperator<Weight> choice) {
        // A table that is too short for it loses its row for padding, as with transformers' resize_token_embeddings.
        Embedding table = of(choice.apply(weight));
        return paddingRow == NO_PADDING ? table : table.withPadding(paddingRow);
    }

    /** The row that is not trained, or -1 for none. */
    public int paddingRow() {
        return paddingRow;
    }

    private NDArray lookUp(Kernels k, Activation ids) {
        PackedValues packed = weight.packed();
        if (packed != null) {
            return packed.rows(k, ids.array(), weight.computePrecision());
        }
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
        NDArray rowsOfTable = lookUp(k, ids);
        return context.record(
                rowsOfTable, weight.trainable(), saved, g -> weight.accumulate(gradient(k, g, saved.get(0))));
    }

    /**
     * The gradient of a table with as many rows as this one, whatever its width: none for padding.
     *
     * @param g gradient of the rows that were looked up [N, W]
     * @param ids their numbers, int64 [N]
     * @return [V, W], float32
     */
    public NDArray gradient(Kernels kernels, NDArray g, NDArray ids) {
        NDArray gradient = kernels.embeddingGradient(g, ids, weight.shape().get(0));
        if (paddingRow != NO_PADDING) {
            try (NDArray none =
                    kernels.scope().zeros(Precision.FLOAT32, 1, g.getShape().get(1))) {
                kernels.copyInto(gradient, 0, paddingRow, none);
            }
        }
        return gradient;
    }
}
