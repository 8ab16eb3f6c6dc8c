package io.github.peft4j.models.classification;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.input.PooledRows;
import io.github.peft4j.models.internal.loss.ClassWeights;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The loss of whole rows by the model's {@link ProblemType}, summed over rows: transformers' {@code ForSequenceClassificationLoss}, computed
 * in float64 from the outputs.
 *
 * <p>In a causal model rows are computed as far as the token that is read, and what they begin with once for all.
 */
public final class SequenceClassification implements Objective {

    /** All classes count alike. */
    public static final SequenceClassification OBJECTIVE = new SequenceClassification(ClassWeights.NONE);

    private final ClassWeights weights;

    private SequenceClassification(ClassWeights weights) {
        this.weights = weights;
    }

    /**
     * Classes that count more or less than others while they are learned: as torch's {@code CrossEntropyLoss(weight)}, where the mean over an accumulated
     * batch is the weighted sum of its losses by the sum of its weights; where several labels can apply, as {@code BCEWithLogitsLoss(pos_weight)}.
     * Evaluations do not weigh.
     *
     * @param weights one for each class, above 0
     * @throws IllegalArgumentException if one is not above 0 and finite
     */
    public static SequenceClassification weighted(double... weights) {
        return new SequenceClassification(new ClassWeights(weights));
    }

    @Override
    public Map<String, String> settings() {
        return weights.settings();
    }

    @Override
    public String item() {
        return "row";
    }

    @Override
    public int items(Model<?> model, Batch batch) {
        SequenceHead head = model.with(SequenceHead.class).head();
        weights.requireFor(head.labels().count());
        batch.rows().forEach(row -> wanted(head, row));
        return batch.rows().size();
    }

    @Override
    public double weight(Model<?> model, Batch batch) {
        if (weights.isNone()) {
            return items(model, batch);
        }
        SequenceHead head = model.with(SequenceHead.class).head();
        double sum = 0;
        for (Row row : batch.rows()) {
            sum += switch (type(head, row)) {
                case SINGLE_LABEL_CLASSIFICATION -> weights.of((int) wanted(head, row)[0]);
                case MULTI_LABEL_CLASSIFICATION -> 1;
                case REGRESSION -> throw new IllegalArgumentException("class weights are for classes, not for values");
            };
        }
        return sum;
    }

    @Override
    public double loss(Forward context, Model<?> model, Batch batch, double weight) {
        return evaluate(context, model, batch, weight, weights, (row, outputs) -> {});
    }

    @Override
    public double evaluate(Forward context, Model<?> model, Batch batch, BiConsumer<Row, float[]> outputs) {
        return evaluate(context, model, batch, 1, ClassWeights.NONE, outputs);
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
            Forward context,
            Model<?> model,
            Batch batch,
            double weight,
            ClassWeights weights,
            BiConsumer<Row, float[]> told) {
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
            loss += type(head, rows.get(row)).loss(own, wanted(head, rows.get(row)), weights, gradient);
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
        return PooledRows.hidden(context, model, head.pooling(), rows, row -> head.last(row, model.virtualTokens()));
    }

    /** What a row's outputs are to be; Hugging Face's {@code problem_type}. */
    public enum ProblemType {
        /** Values: the mean squared error over the outputs. */
        REGRESSION {
            @Override
            double loss(float[] outputs, float[] wanted, ClassWeights weights, float[] gradient) {
                double sum = 0;
                for (int c = 0; c < outputs.length; c++) {
                    double error = (double) outputs[c] - wanted[c];
                    sum += error * error;
                    gradient[c] = (float) (2 * error / outputs.length);
                }
                return sum / outputs.length;
            }

            @Override
            public double[] scores(float[] outputs) {
                return IntStream.range(0, outputs.length)
                        .mapToDouble(c -> outputs[c])
                        .toArray();
            }
        },

        /** One class of several: the cross-entropy. */
        SINGLE_LABEL_CLASSIFICATION {
            @Override
            double loss(float[] outputs, float[] wanted, ClassWeights weights, float[] gradient) {
                int label = (int) wanted[0];
                double largest = outputs[0];
                for (float output : outputs) {
                    largest = Math.max(largest, output);
                }
                double sum = 0;
                for (float output : outputs) {
                    sum += Math.exp(output - largest);
                }
                for (int c = 0; c < outputs.length; c++) {
                    double share = Math.exp(outputs[c] - largest) / sum;
                    gradient[c] = (float) (weights.of(label) * (share - (c == label ? 1 : 0)));
                }
                return weights.of(label) * (Math.log(sum) + largest - outputs[label]);
            }

            @Override
            public double[] scores(float[] outputs) {
                double largest = IntStream.range(0, outputs.length)
                        .mapToDouble(c -> outputs[c])
                        .max()
                        .orElse(0);
                double[] parts = IntStream.range(0, outputs.length)
                        .mapToDouble(c -> Math.exp(outputs[c] - largest))
                        .toArray();
                double sum = Arrays.stream(parts).sum();
                return Arrays.stream(parts).map(part -> part / sum).toArray();
            }
        },

        /** SequenceHead.Labels that do not exclude each other: the binary cross-entropy of each, and the mean of these. */
        MULTI_LABEL_CLASSIFICATION {
            @Override
            double loss(float[] outputs, float[] wanted, ClassWeights weights, float[] gradient) {
                double sum = 0;
                for (int c = 0; c < outputs.length; c++) {
                    double x = outputs[c];
                    double share = (weights.of(c) - 1) * wanted[c] + 1;
                    sum += (1 - wanted[c]) * x + share * (Math.log1p(Math.exp(-Math.abs(x))) + Math.max(-x, 0));
                    gradient[c] = (float) ((1 - wanted[c] - share / (1 + Math.exp(x))) / outputs.length);
                }
                return sum / outputs.length;
            }

            @Override
            public double[] scores(float[] outputs) {
                return IntStream.range(0, outputs.length)
                        .mapToDouble(c -> 1 / (1 + Math.exp(-outputs[c])))
                        .toArray();
            }
        };

        /**
         * The loss of a row, in float64.
         *
         * @param outputs [C]
         * @param wanted what {@link #wanted} gives
         * @param weights of classes
         * @param gradient [C], filled
         */
        abstract double loss(float[] outputs, float[] wanted, ClassWeights weights, float[] gradient);

        /** Outputs as people read them: values, or probabilities. */
        public abstract double[] scores(float[] outputs);

        /** Hugging Face's word. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * The type of a name.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static ProblemType of(String text) {
            return Arrays.stream(values())
                    .filter(type -> type.text().equals(text))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("problem_type must be one of "
                            + Arrays.stream(values()).map(ProblemType::text).collect(Collectors.joining(", "))
                            + ", got \"" + text + "\""));
        }

        /** What transformers takes a problem to be whose type is not told: one output is a value, a number a class, and a list labels. */
        public static ProblemType of(Row.Target target, int outputs) {
            if (outputs == 1) {
                return REGRESSION;
            }
            return target instanceof Row.Target.Label ? SINGLE_LABEL_CLASSIFICATION : MULTI_LABEL_CLASSIFICATION;
        }

        /**
         * What is to be learned as numbers: the class, or one for each output.
         *
         * @throws IllegalArgumentException if it is of another kind, or for another number of outputs
         */
        float[] wanted(Row.Target target, int outputs) {
            if (target instanceof Row.Target.Label label && this == SINGLE_LABEL_CLASSIFICATION) {
                if (label.id() >= outputs) {
                    throw new IllegalArgumentException("label " + label.id() + " is none of the model's " + outputs
                            + ": they are numbered from 0");
                }
                return new float[] {label.id()};
            }
            if (target instanceof Row.Target.Label label && this == REGRESSION && outputs == 1) {
                return new float[] {label.id()};
            }
            if (target instanceof Row.Target.Scores scores && this != SINGLE_LABEL_CLASSIFICATION) {
                if (scores.values().length != outputs) {
                    throw new IllegalArgumentException("a row has " + scores.values().length
                            + " numbers as its label, expected one for each of the model's " + outputs + " outputs");
                }
                return scores.values();
            }
            throw new IllegalArgumentException(
                    "a row has " + told(target) + ", and the model's problem_type is " + text()
                            + " with " + outputs + " outputs: expected "
                            + (this == SINGLE_LABEL_CLASSIFICATION ? "the number of one class" : "a list of numbers"));
        }

        private static String told(Row.Target target) {
            if (target instanceof Row.Target.Label) {
                return "one class as its label";
            }
            return target instanceof Row.Target.Scores
                    ? "numbers as its label"
                    : "no label" + (target instanceof Row.Target.None ? "" : " of its own");
        }
    }
}
