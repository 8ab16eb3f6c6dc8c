package io.github.peft4j.models;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.internal.KeyValue;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a model is fed with: rows of token ids end to end without padding, and what stands before every row, if anything.
 *
 * @param tokenIds ids of all rows, row after row
 * @param rows where the rows lie
 * @param virtualTokens embeddings [P, De] before every row's own, or null
 * @param pastKeyValues keys and values before every row, one pair per layer, or empty
 */
public record ModelInput(
        int[] tokenIds, Rows rows, @Nullable Activation virtualTokens, List<KeyValue> pastKeyValues) {

    /** Checks that the rows hold all ids. */
    public ModelInput {
        if (rows.tokens() != tokenIds.length) {
            throw new IllegalArgumentException(
                    "rows of " + rows.tokens() + " tokens in all, got " + tokenIds.length + " token ids");
        }
    }

    /**
     * Checks that token ids are those of a vocabulary.
     *
     * @throws IllegalArgumentException if one is not
     */
    public static void requireTokens(int[] ids, int vocabSize) {
        for (int id : ids) {
            if (id < 0 || id >= vocabSize) {
                throw new IllegalArgumentException("token id " + id + " is not in the vocabulary of " + vocabSize
                        + " tokens: is the tokenizer that of this checkpoint?");
            }
        }
    }

    /** Rows of token ids that start at position 0. */
    public static ModelInput of(List<int[]> rows) {
        int[] ids = rows.stream().flatMapToInt(Arrays::stream).toArray();
        return new ModelInput(ids, Rows.of(rows.stream().mapToInt(r -> r.length).toArray()), null, List.of());
    }

    /**
     * Rows of a padded batch; padding, wherever it stands, is left out, and positions count a row's own tokens.
     *
     * @param tokenIds [B][T]
     * @param attentionMask [B][T], 0 for padding
     * @throws IllegalArgumentException if the two differ in shape, or a row is all padding
     */
    public static ModelInput ofPadded(int[][] tokenIds, int[][] attentionMask) {
        if (tokenIds.length != attentionMask.length) {
            throw new IllegalArgumentException("a batch of " + tokenIds.length + " rows of token ids, but "
                    + attentionMask.length + " rows of attention mask");
        }
        int[][] rows = new int[tokenIds.length][];
        for (int b = 0; b < rows.length; b++) {
            int[] mask = attentionMask[b];
            int[] ids = tokenIds[b];
            if (ids.length != mask.length) {
                throw new IllegalArgumentException(
                        "row " + b + " has " + ids.length + " token ids, but a mask of " + mask.length);
            }
            rows[b] = IntStream.range(0, ids.length)
                    .filter(t -> mask[t] != 0)
                    .map(t -> ids[t])
                    .toArray();
            if (rows[b].length == 0) {
                throw new IllegalArgumentException("row " + b + " is all padding: leave it out of the batch");
            }
        }
        return of(Arrays.asList(rows));
    }

    /**
     * The same input with rows that choose which adapters apply to them.
     *
     * @throws IllegalArgumentException if there are more or fewer rows than the selection is of
     */
    public ModelInput selecting(@Nullable RowSelection selection) {
        return new ModelInput(tokenIds, rows.selecting(selection), virtualTokens, pastKeyValues);
    }

    /** Number of virtual tokens before every row. */
    public int virtualTokenCount() {
        return virtualTokens == null
                ? 0
                : (int) virtualTokens.array().getShape().get(0);
    }

    /** Number of keys and values before every row. */
    public int pastKeyValueCount() {
        return pastKeyValues.isEmpty()
                ? 0
                : (int) pastKeyValues.get(0).key().array().getShape().get(0);
    }

    /** The number of each row's last token among all, virtual ones included. */
    public long[] ends() {
        long[] last = new long[rows.count()];
        long end = 0;
        for (int row = 0; row < last.length; row++) {
            end += rows.lengths()[row] + virtualTokenCount();
            last[row] = end - 1;
        }
        return last;
    }

    /** The same input with virtual tokens before every row. */
    public ModelInput withVirtualTokens(Activation embeddings) {
        return new ModelInput(tokenIds, rows, embeddings, pastKeyValues);
    }

    /** The same input with keys and values before every row. */
    public ModelInput withPastKeyValues(List<KeyValue> layers) {
        return new ModelInput(tokenIds, rows, virtualTokens, List.copyOf(layers));
    }
}
