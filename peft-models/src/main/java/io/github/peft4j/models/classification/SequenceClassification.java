package io.github.peft4j.models.classification;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.input.SharedBeginning;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * The loss of whole rows by the model's {@link ProblemType}, summed over rows: transformers' {@code ForSequenceClassificationLoss}, computed
 * in float64 from the outputs.
 *
 * <p>In a causal model rows are computed as far as the token that is read, and what they begin with once for all.
 */
public final class SequenceClassification implements Objective {

    /** The only one: its settings are the model's. */
    public static final SequenceClassification OBJECTIVE = new SequenceClassification();

    private SequenceClassification() {}

    @Override
    public String item() {
        return "row";
    }

    @Override
    public int items(Model<?> model, Batch batch) {
        SequenceHead head = model.with(SequenceHead.class).head();
        batch.rows().forEach(row -> wanted(head, row));
        return batch.rows().size();
    }

    @Override
    public double loss(Forward context, Model<?> model, Batch batch, double weight) {
        return evaluate(context, model, batch, weight, (row, outputs) -> {});
    }

    @Override
    public double evaluate(Forward context, Model<?> model, Batch batch, BiConsumer<Row, float[]> outputs) {
        return evaluate(context, model, batch, 1, outputs);
    }

    /**
     * The type of a row's problem: the model's, or else what its label says.
     *
     * @throws IllegalArgumentException if the model has another head
     */
    public static ProblemType problemType(Model<?> model, Row row) {
        return type(model.with(SequenceHead.class).head(), row);
    }

    /**
     * What is to be learned of a row as numbers: the class, or one for each output.
     *
     * @throws IllegalArgumentException if the model has another head, or the row's target is of another kind
     */
    public static float[] wanted(Model<?> model, Row row) {
        return wanted(model.with(SequenceHead.class).head(), row);
    }

    private static ProblemType type(SequenceHead head, Row row) {
        return head.problemType() == null
                ? ProblemType.of(row.target(), head.labels().count())
                : head.problemType();
    }

    private static float[] wanted(SequenceHead head, Row row) {
        return type(head, row).wanted(row.target(), head.labels().count());
    }

    private static double evaluate(
            Forward context, Model<?> model, Batch batch, double weight, BiConsumer<Row, float[]> told) {
        SequenceHead head = model.with(SequenceHead.class).head();
        if (batch.padded()) {
            throw new IllegalArgumentException(
                    "rows to be classified cannot be padded: the token that is read would be padding");
        }
        List<Row> rows = batch.rows();
        Activation hidden = hidden(context, model, head, rows);
        Activation outputs = head.forward(context, hidden);
        if (!outputs.needsGradient()) {
            hidden.close();
        }
        Kernels k = context.kernels();
        float[] values;
        try (NDArray exact = k.cast(outputs.array(), Precision.FLOAT32)) {
            values = k.toFloats(exact);
        }
        int count = head.labels().count();
        float[] gradients = new float[values.length];
        double loss = 0;
        for (int row = 0; row < rows.size(); row++) {
            float[] own = Arrays.copyOfRange(values, row * count, (row + 1) * count);
            float[] gradient = new float[count];
            loss += type(head, rows.get(row)).loss(own, wanted(head, rows.get(row)), gradient);
            for (int c = 0; c < count; c++) {
                gradients[row * count + c] = (float) (gradient[c] * weight);
            }
            told.accept(rows.get(row), own);
        }
        if (outputs.needsGradient()) {
            try (NDArray exact = context.scope().floats(gradients, rows.size(), count)) {
                outputs.accumulate(k.cast(exact, k.precision(outputs.array())), k);
            }
        } else {
            outputs.close();
        }
        return loss;
    }

    /** The hidden states that the head reads, [B, D]. */
    private static Activation hidden(Forward context, Model<?> model, SequenceHead head, List<Row> rows) {
        int virtual = model.virtualTokens();
        int vocabulary = model.vocabSize();
        rows.forEach(row -> ModelInput.requireTokens(row.tokenIds(), vocabulary));
        int[] read = rows.stream()
                .mapToInt(row -> virtual > 0 ? row.length() - 1 : head.last(row.tokenIds(), 0, row.length()))
                .toArray();
        boolean causal = model.backbone().causal();
        List<int[]> needed = IntStream.range(0, rows.size())
                .mapToObj(row -> causal
                        ? Arrays.copyOf(rows.get(row).tokenIds(), read[row] + 1)
                        : rows.get(row).tokenIds())
                .toList();
        SharedBeginning laid = SharedBeginning.of(needed, virtual, SharedBeginning.allowed(model, context, rows));
        long[] places = IntStream.range(0, rows.size())
                .mapToLong(row -> laid.place(row, (long) virtual + read[row]))
                .toArray();
        try (NDArray sources = context.scope().longs(places)) {
            return model.hidden(context, laid.input(), sources);
        }
    }
}
