package io.github.peft4j.models.classification;

import io.github.peft4j.models.batch.Target;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a row's outputs are to be; Hugging Face's {@code problem_type}. */
public enum ProblemType {
    /** Values: the mean squared error over the outputs. */
    REGRESSION {
        @Override
        double loss(float[] outputs, float[] wanted, float[] gradient) {
            double sum = 0;
            for (int c = 0; c < outputs.length; c++) {
                double error = (double) outputs[c] - wanted[c];
                sum += error * error;
                gradient[c] = (float) (2 * error / outputs.length);
            }
            return sum / outputs.length;
        }

        @Override
        double[] scores(float[] outputs) {
            return IntStream.range(0, outputs.length)
                    .mapToDouble(c -> outputs[c])
                    .toArray();
        }
    },

    /** One class of several: the cross-entropy. */
    SINGLE_LABEL_CLASSIFICATION {
        @Override
        double loss(float[] outputs, float[] wanted, float[] gradient) {
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
                gradient[c] = (float) (Math.exp(outputs[c] - largest) / sum - (c == label ? 1 : 0));
            }
            return Math.log(sum) + largest - outputs[label];
        }

        @Override
        double[] scores(float[] outputs) {
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

    /** Labels that do not exclude each other: the binary cross-entropy of each, and the mean of these. */
    MULTI_LABEL_CLASSIFICATION {
        @Override
        double loss(float[] outputs, float[] wanted, float[] gradient) {
            double sum = 0;
            for (int c = 0; c < outputs.length; c++) {
                double x = outputs[c];
                sum += Math.max(x, 0) - x * wanted[c] + Math.log1p(Math.exp(-Math.abs(x)));
                gradient[c] = (float) ((1 / (1 + Math.exp(-x)) - wanted[c]) / outputs.length);
            }
            return sum / outputs.length;
        }

        @Override
        double[] scores(float[] outputs) {
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
     * @param gradient [C], filled
     */
    abstract double loss(float[] outputs, float[] wanted, float[] gradient);

    /** Outputs as people read them: values, or probabilities. */
    abstract double[] scores(float[] outputs);

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
    static ProblemType of(Target target, int outputs) {
        if (outputs == 1) {
            return REGRESSION;
        }
        return target instanceof Target.Label ? SINGLE_LABEL_CLASSIFICATION : MULTI_LABEL_CLASSIFICATION;
    }

    /**
     * What is to be learned as numbers: the class, or one for each output.
     *
     * @throws IllegalArgumentException if it is of another kind, or for another number of outputs
     */
    float[] wanted(Target target, int outputs) {
        if (target instanceof Target.Label label && this == SINGLE_LABEL_CLASSIFICATION) {
            if (label.id() >= outputs) {
                throw new IllegalArgumentException(
                        "label " + label.id() + " is none of the model's " + outputs + ": they are numbered from 0");
            }
            return new float[] {label.id()};
        }
        if (target instanceof Target.Label label && this == REGRESSION && outputs == 1) {
            return new float[] {label.id()};
        }
        if (target instanceof Target.Scores scores && this != SINGLE_LABEL_CLASSIFICATION) {
            if (scores.values().length != outputs) {
                throw new IllegalArgumentException("a row has " + scores.values().length
                        + " numbers as its label, expected one for each of the model's " + outputs + " outputs");
            }
            return scores.values();
        }
        throw new IllegalArgumentException("a row has " + told(target) + ", and the model's problem_type is " + text()
                + " with " + outputs + " outputs: expected "
                + (this == SINGLE_LABEL_CLASSIFICATION ? "the number of one class" : "a list of numbers"));
    }

    private static String told(Target target) {
        if (target instanceof Target.Label) {
            return "one class as its label";
        }
        return target instanceof Target.Scores
                ? "numbers as its label"
                : "no label" + (target instanceof Target.None ? "" : " of its own");
    }
}
