package io.github.peft4j.models.embedding.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.input.LengthBatches;
import io.github.peft4j.models.internal.input.PooledRows;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import io.github.peft4j.models.nn.Pooling;
import java.util.List;
import java.util.stream.IntStream;

/** Vectors of texts, brought to length 1, [N, D] in float32. */
public final class UnitVectors {

    private UnitVectors() {}

    /**
     * Checks that a model has one vector for a text.
     *
     * @throws IllegalArgumentException if its head reads every token
     */
    public static Pooling requirePooled(Model<?> model) {
        Pooling pooling = model.head().pooling();
        if (pooling == null) {
            throw new IllegalArgumentException(
                    "pairs of texts are learned from by a model that has one vector for a text, not by a "
                            + model.anatomy().className() + " for "
                            + model.head().task());
        }
        return pooling;
    }

    /**
     * Computes texts in one pass.
     *
     * @throws IllegalArgumentException if a token id is not in the vocabulary
     */
    public static Activation of(Forward context, Model<?> model, List<int[]> texts) {
        int virtual = model.virtualTokens();
        List<Row> rows =
                texts.stream().map(ids -> new Row(ids, Row.Target.NONE)).toList();
        try (Activation pooled =
                        PooledRows.hidden(context, model, requirePooled(model), rows, ids -> virtual + ids.length - 1);
                Activation vectors = model.head().forward(context, pooled);
                Activation exact = Functions.cast(context, vectors, Precision.FLOAT32)) {
            return Functions.unit(context, exact);
        }
    }

    /** Computes texts without gradients, as many at once as {@link LengthBatches} puts together. */
    public static NDArray inParts(Forward context, Model<?> model, List<int[]> texts) {
        int width = model.outputs();
        float[] all = new float[Math.multiplyExact(texts.size(), width)];
        List<Integer> numbers = IntStream.range(0, texts.size()).boxed().toList();
        for (List<Integer> part : LengthBatches.of(numbers, number -> texts.get(number).length)) {
            try (Forward pass = Forward.inference(model.scope());
                    Activation unit =
                            of(pass, model, part.stream().map(texts::get).toList())) {
                float[] values = pass.kernels().toFloats(unit.array());
                for (int i = 0; i < part.size(); i++) {
                    System.arraycopy(values, i * width, all, part.get(i) * width, width);
                }
            }
        }
        return context.scope().floats(all, texts.size(), width);
    }
}
