package io.github.peft4j.models.tokens.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.input.LengthBatches;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.tokens.TokenHead;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a model says of the tokens of rows. Rows are read from the longest to the shortest, as many at once as {@link LengthBatches} puts
 * together. Safe for concurrent use.
 *
 * @param model the model, which stays the caller's
 */
public record TokenClassifier(Model<TokenHead> model) {

    /**
     * The outputs of each row's own tokens, as they are.
     *
     * @return [T][C] for each row, in their order
     * @throws IllegalArgumentException if a token id is not in the vocabulary
     * @throws IllegalStateException if the model is closed
     */
    public List<float[][]> logits(List<Row> rows) {
        float[][][] logits = new float[rows.size()][][];
        List<Integer> numbers = IntStream.range(0, rows.size()).boxed().toList();
        try (Lease whole = model.leases().hold(null)) {
            LengthBatches.of(numbers, number -> rows.get(number).length()).forEach(batch -> read(rows, batch, logits));
        }
        return Arrays.asList(logits);
    }

    private void read(List<Row> rows, List<Integer> numbers, float[][][] logits) {
        int count = model.head().labels().count();
        int virtual = model.virtualTokens();
        try (Scope scope = model.scope().child()) {
            Kernels k = scope.kernels();
            ModelInput input = ModelInput.ofRows(numbers.stream().map(rows::get).toList());
            try (NDArray outputs = model.logits(scope, input);
                    NDArray exact = k.cast(outputs, Precision.FLOAT32)) {
                float[] values = k.toFloats(exact);
                int token = 0;
                for (int number : numbers) {
                    float[][] own = new float[rows.get(number).length()][];
                    token += virtual;
                    for (int t = 0; t < own.length; t++, token++) {
                        own[t] = Arrays.copyOfRange(values, token * count, (token + 1) * count);
                    }
                    logits[number] = own;
                }
            }
        }
    }
}
