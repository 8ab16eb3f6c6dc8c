package io.github.peft4j.models.tokens.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.input.SharedPrefix;
import io.github.peft4j.models.internal.loss.ClassWeights;
import io.github.peft4j.models.internal.loss.TokenLoss;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * The cross-entropy of labelled tokens, each at its own place, summed: transformers' {@code ForTokenClassification} and
 * {@code ForMaskedLMLoss}. Rows without a label are not computed.
 */
public final class LabelledTokens implements Objective {

    /** All classes count alike. */
    public static final LabelledTokens OBJECTIVE = new LabelledTokens(ClassWeights.NONE);

    private final ClassWeights weights;

    /** Classes that count so while they are learned; evaluations do not weigh. */
    public LabelledTokens(ClassWeights weights) {
        this.weights = weights;
    }

    @Override
    public Map<String, String> settings() {
        return weights.settings();
    }

    @Override
    public String item() {
        return "token";
    }

    /**
     * Labels that are not ignored.
     *
     * @throws IllegalArgumentException if a row has no label for each token, or a label is none of the head's outputs
     */
    @Override
    public int items(Model<?> model, Batch batch) {
        int outputs = model.outputs();
        weights.requireFor(outputs);
        return batch.rows().stream()
                .mapToInt(row -> checked(row, outputs).supervised(0))
                .sum();
    }

    @Override
    public double weight(Model<?> model, Batch batch) {
        return weights.isNone()
                ? items(model, batch)
                : Arrays.stream(targets(labelled(model, batch)))
                        .mapToDouble(label -> weights.of((int) label))
                        .sum();
    }

    @Override
    public double loss(Forward context, Model<?> model, Batch batch, double weight) {
        List<Row> rows = labelled(model, batch);
        if (rows.isEmpty()) {
            return 0;
        }
        long[] targets = targets(rows);
        if (weights.isNone()) {
            try (Activation hidden = hidden(context, model, rows, inOrder(targets.length))) {
                return TokenLoss.sum(context, model, hidden, targets, weight);
            }
        }
        // Tokens of one class after the other, so that all of a chunk have one weight.
        int[] order = inOrder(targets.length)
                .boxed()
                .sorted(Comparator.comparingLong(token -> targets[token]))
                .mapToInt(Integer::intValue)
                .toArray();
        long[] sorted = Arrays.stream(order).mapToLong(token -> targets[token]).toArray();
        List<TokenLoss.Chunk> chunks = new ArrayList<>();
        for (int start = 0; start < sorted.length; ) {
            int label = (int) sorted[start];
            int end = start;
            while (end < sorted.length && sorted[end] == label) {
                end++;
            }
            chunks.addAll(TokenLoss.Chunk.of(
                    label,
                    start,
                    (long) end - start,
                    TokenLoss.positionsAtOnce(model.outputs()),
                    weight * weights.of(label)));
            start = end;
        }
        try (Activation hidden = hidden(context, model, rows, Arrays.stream(order));
                NDArray wanted = context.scope().longs(sorted)) {
            double[] losses = TokenLoss.losses(context, model.head(), hidden, wanted, chunks);
            double sum = 0;
            for (int i = 0; i < losses.length; i++) {
                sum += weights.of(chunks.get(i).row()) * losses[i];
            }
            return sum;
        }
    }

    private static IntStream inOrder(int tokens) {
        return IntStream.range(0, tokens);
    }

    /** {@inheritDoc} Of each row those of its labelled tokens, one after the other; none of a head over the vocabulary. */
    @Override
    public double evaluate(Forward context, Model<?> model, Batch batch, BiConsumer<Row, float[]> outputs) {
        if (model.head().predictsTokens()) {
            return loss(context, model, batch, 1);
        }
        List<Row> rows = labelled(model, batch);
        if (rows.isEmpty()) {
            return 0;
        }
        Kernels k = context.kernels();
        long[] targets = targets(rows);
        try (Activation hidden = hidden(context, model, rows, inOrder(targets.length));
                Activation made = model.head().forward(context, hidden);
                NDArray exact = k.cast(made.array(), Precision.FLOAT32);
                NDArray wanted = context.scope().longs(targets)) {
            float[] values = k.toFloats(exact);
            int at = 0;
            for (Row row : rows) {
                int end = at + checked(row, model.outputs()).supervised(0) * model.outputs();
                outputs.accept(row, Arrays.copyOfRange(values, at, end));
                at = end;
            }
            return k.crossEntropyLoss(exact, wanted);
        }
    }

    /**
     * What {@link #evaluate} tells of a row, token by token.
     *
     * @return [C] for each of those that are judged
     */
    public static List<float[]> split(Row.Target.TokenLabels target, float[] outputs) {
        int width = outputs.length / Math.max(1, target.supervised(0));
        int[] at = new int[target.labels().length];
        int labelled = 0;
        for (int t = 0; t < at.length; t++) {
            at[t] = labelled * width;
            labelled += target.labels()[t] == Row.Target.IGNORED ? 0 : 1;
        }
        return target.judged()
                .mapToObj(t -> Arrays.copyOfRange(outputs, at[t], at[t] + width))
                .toList();
    }

    private static Row.Target.TokenLabels checked(Row row, int outputs) {
        if (!(row.target() instanceof Row.Target.TokenLabels labels)) {
            throw new IllegalArgumentException(
                    "a row to learn what its tokens are needs a label for each, got one with "
                            + row.target().getClass().getSimpleName());
        }
        for (int label : labels.labels()) {
            if (label >= outputs) {
                throw new IllegalArgumentException("label " + label + " is none of the model's " + outputs
                        + " outputs; tokens that are not supervised have the label " + Row.Target.IGNORED);
            }
        }
        return labels;
    }

    private static List<Row> labelled(Model<?> model, Batch batch) {
        if (batch.padded()) {
            throw new IllegalArgumentException(
                    "rows whose tokens see what comes after them cannot be padded: they would see the padding");
        }
        int outputs = model.outputs();
        return batch.rows().stream()
                .filter(row -> checked(row, outputs).supervised(0) > 0)
                .toList();
    }

    private static int[] labels(Row row) {
        return ((Row.Target.TokenLabels) row.target()).labels();
    }

    private static IntStream places(Row row) {
        int[] labels = labels(row);
        return IntStream.range(0, labels.length).filter(t -> labels[t] != Row.Target.IGNORED);
    }

    private static long[] targets(List<Row> rows) {
        return rows.stream()
                .flatMapToLong(row -> places(row).mapToLong(t -> labels(row)[t]))
                .toArray();
    }

    /** The hidden states of labelled tokens, in an order. */
    private static Activation hidden(Forward context, Model<?> model, List<Row> rows, IntStream order) {
        int vocabulary = model.vocabSize();
        rows.forEach(row -> ModelInput.requireTokens(row.tokenIds(), vocabulary));
        int virtual = model.virtualTokens();
        SharedPrefix laid = SharedPrefix.of(rows, virtual, false);
        long[] places = IntStream.range(0, rows.size())
                .boxed()
                .flatMapToLong(row -> places(rows.get(row)).mapToLong(t -> laid.place(row, (long) virtual + t)))
                .toArray();
        try (NDArray sources =
                context.scope().longs(order.mapToLong(token -> places[token]).toArray())) {
            return model.hidden(context, laid.input(), sources);
        }
    }
}
