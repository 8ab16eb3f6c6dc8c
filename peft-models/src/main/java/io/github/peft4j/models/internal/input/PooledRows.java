package io.github.peft4j.models.internal.input;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Pooling;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/** Rows that a loss is of, one value each: computed as far as that needs. */
public final class PooledRows {

    private PooledRows() {}

    /**
     * The hidden states of rows, pooled.
     *
     * <p>In a causal model rows are computed as far as the last token that counts; what they begin with is computed once for all if one
     * position of each is read.
     *
     * @param last of a row's tokens, the position of the last one that counts, virtual tokens before them included
     * @return [B, modes De]
     * @throws IllegalArgumentException if a token id is not in the vocabulary
     */
    public static Activation hidden(
            Forward context, Model<?> model, Pooling pooling, List<Row> rows, ToIntFunction<int[]> last) {
        int virtual = model.virtualTokens();
        int vocabulary = model.vocabSize();
        rows.forEach(row -> ModelInput.requireTokens(row.tokenIds(), vocabulary));
        int[] ends =
                rows.stream().mapToInt(row -> last.applyAsInt(row.tokenIds())).toArray();
        boolean causal = model.backbone().causal();
        List<Row> needed = IntStream.range(0, rows.size())
                .mapToObj(row -> causal ? rows.get(row).begin(ends[row] - virtual + 1) : rows.get(row))
                .toList();
        boolean shared = pooling.readsOne() && SharedPrefix.allowed(model, context, rows);
        SharedPrefix laid = SharedPrefix.of(needed, virtual, shared);
        Pooling.Spans spans =
                new Pooling.Spans(places(laid, rows.size(), row -> 0), places(laid, rows.size(), row -> ends[row]));
        return pooling.of(context, tokens -> model.hidden(context, laid.input(), tokens), spans);
    }

    private static long[] places(SharedPrefix laid, int rows, ToIntFunction<Integer> position) {
        return IntStream.range(0, rows)
                .mapToLong(row -> laid.place(row, position.applyAsInt(row)))
                .toArray();
    }
}
