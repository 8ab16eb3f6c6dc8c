package io.github.peft4j.models.classification;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.input.LengthBatches;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model says of rows. Rows are read from the longest to the shortest, as many at once as {@link LengthBatches} puts together. Safe
 * for concurrent use.
 *
 * @param model the model, which stays the caller's
 */
public record SequenceClassifier(Model<SequenceHead> model) {

    /**
     * The outputs of rows, as they are.
     *
     * @return [C] for each row, in their order
     * @throws IllegalArgumentException if a token id is not in the vocabulary
     * @throws IllegalStateException if the model is closed
     */
    public List<float[]> logits(List<Row> rows) {
        float[][] logits = new float[rows.size()][];
        List<Integer> numbers = IntStream.range(0, rows.size()).boxed().toList();
        try (Lease whole = model.leases().hold(null)) {
            LengthBatches.of(numbers, number -> rows.get(number).length()).forEach(batch -> read(rows, batch, logits));
        }
        return Arrays.asList(logits);
    }

    private void read(List<Row> rows, List<Integer> numbers, float[][] logits) {
        int count = model.head().labels().count();
        try (Scope scope = model.scope().child()) {
            Kernels k = scope.kernels();
            ModelInput input = ModelInput.ofRows(numbers.stream().map(rows::get).toList());
            try (NDArray outputs = model.logits(scope, input);
                    NDArray exact = k.cast(outputs, Precision.FLOAT32)) {
                float[] values = k.toFloats(exact);
                for (int i = 0; i < numbers.size(); i++) {
                    logits[numbers.get(i)] = Arrays.copyOfRange(values, i * count, (i + 1) * count);
                }
            }
        }
    }

    /** What outputs are, where the model's config does not say: one is a value, and of several one is the class. */
    public SequenceClassification.ProblemType problemType() {
        SequenceHead head = model.head();
        if (head.problemType() != null) {
            return head.problemType();
        }
        return head.labels().count() == 1
                ? SequenceClassification.ProblemType.REGRESSION
                : SequenceClassification.ProblemType.SINGLE_LABEL_CLASSIFICATION;
    }

    /** The number of the largest output: of classes that exclude each other the one that a row is of. */
    public static int largest(float[] logits) {
        int largest = 0;
        for (int c = 1; c < logits.length; c++) {
            largest = logits[c] > logits[largest] ? c : largest;
        }
        return largest;
    }

    /**
     * The outputs as people read them: probabilities of classes that exclude each other, or of each label, or the values.
     *
     * @param logits [C]
     */
    public double[] scores(float[] logits) {
        return problemType().scores(logits);
    }
}
