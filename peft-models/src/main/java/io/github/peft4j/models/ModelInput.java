package io.github.peft4j.models;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.internal.KeyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a model is fed with: rows of token ids end to end without padding, and what stands before every row, if anything.
 *
 * @param tokenIds ids of all rows, row after row
 * @param tokenTypes types of all rows' tokens, or empty where all are 0
 * @param rows where the rows lie
 * @param virtualTokens embeddings [P, De] before every row's own, or null
 * @param pastKeyValues keys and values before every row, one pair per layer, or empty
 */
public record ModelInput(
        int[] tokenIds,
        int[] tokenTypes,
        Rows rows,
        @Nullable Activation virtualTokens,
        List<KeyValue> pastKeyValues) {

    /** Checks that the rows hold all ids, and types if there are any. */
    public ModelInput {
        if (rows.tokens() != tokenIds.length) {
            throw new IllegalArgumentException(
                    "rows of " + rows.tokens() + " tokens in all, got " + tokenIds.length + " token ids");
        }
        if (tokenTypes.length > 0 && tokenTypes.length != tokenIds.length) {
            throw new IllegalArgumentException(
                    tokenIds.length + " token ids in all, got " + tokenTypes.length + " token types");
        }
    }

    /** Tokens that all have the type 0. */
    public ModelInput(int[] tokenIds, Rows rows, @Nullable Activation virtualTokens, List<KeyValue> pastKeyValues) {
        this(tokenIds, new int[0], rows, virtualTokens, pastKeyValues);
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

    /** Rows that start at position 0, with their token types if one has any. */
    public static ModelInput ofRows(List<Row> rows) {
        ModelInput ids = of(rows.stream().map(Row::tokenIds).toList());
        if (rows.stream().allMatch(row -> row.tokenTypes().length == 0)) {
            return ids;
        }
        int[] types = rows.stream().flatMapToInt(ModelInput::types).toArray();
        return new ModelInput(ids.tokenIds, types, ids.rows, null, List.of());
    }

    private static IntStream types(Row row) {
        int[] types = row.tokenTypes();
        return Arrays.stream(types.length == 0 ? new int[row.length()] : types);
    }

    /**
     * Checks that a model knows the types of tokens, if there are any.
     *
     * @param known how many it knows; 0 if it has no such thing
     * @throws IllegalArgumentException if it does not
     */
    public void requireTypes(int known, String modelType) {
        for (int type : tokenTypes) {
            if (type > 0 && type >= known) {
                throw new IllegalArgumentException(
                        known == 0
                                ? modelType + " knows no types of tokens: leave token_type_ids out"
                                : "token type " + type + " is none of the " + known + " of " + modelType);
            }
        }
    }

    /** The type of every token, virtual ones' included: theirs is 0. Empty where all are. */
    public long[] types() {
        if (tokenTypes.length == 0) {
            return new long[0];
        }
        int virtual = virtualTokenCount();
        long[] types = new long[rows.lengthened(virtual).tokens()];
        int token = 0;
        int place = 0;
        for (int length : rows.lengths()) {
            place += virtual;
            for (int i = 0; i < length; i++) {
                types[place++] = tokenTypes[token++];
            }
        }
        return types;
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
        return ofPadded(tokenIds, attentionMask, new int[tokenIds.length][0]);
    }

    /**
     * {@link #ofPadded(int[][], int[][])} with types of tokens.
     *
     * @param tokenTypes [B][T], or [B][0] where all are 0
     */
    public static ModelInput ofPadded(int[][] tokenIds, int[][] attentionMask, int[][] tokenTypes) {
        requireRows(tokenIds, attentionMask, "attention mask");
        requireRows(tokenIds, tokenTypes, "token types");
        List<Row> rows = new ArrayList<>();
        for (int b = 0; b < tokenIds.length; b++) {
            int[] mask = attentionMask[b];
            int[] ids = tokenIds[b];
            int[] types = tokenTypes[b];
            if (ids.length != mask.length) {
                throw new IllegalArgumentException(
                        "row " + b + " has " + ids.length + " token ids, but a mask of " + mask.length);
            }
            if (types.length > 0 && types.length != ids.length) {
                throw new IllegalArgumentException(
                        "row " + b + " has " + ids.length + " token ids, but " + types.length + " token types");
            }
            int[] own = IntStream.range(0, ids.length).filter(t -> mask[t] != 0).toArray();
            if (own.length == 0) {
                throw new IllegalArgumentException("row " + b + " is all padding: leave it out of the batch");
            }
            rows.add(new Row(
                    Arrays.stream(own).map(t -> ids[t]).toArray(),
                    types.length == 0
                            ? types
                            : Arrays.stream(own).map(t -> types[t]).toArray(),
                    Row.Target.NONE));
        }
        return ofRows(rows);
    }

    private static void requireRows(int[][] tokenIds, int[][] others, String what) {
        if (tokenIds.length != others.length) {
            throw new IllegalArgumentException(
                    "a batch of " + tokenIds.length + " rows of token ids, but " + others.length + " rows of " + what);
        }
    }

    /**
     * The same input with rows that choose which adapters apply to them.
     *
     * @throws IllegalArgumentException if there are more or fewer rows than the selection is of
     */
    public ModelInput selecting(@Nullable RowSelection selection) {
        return new ModelInput(tokenIds, tokenTypes, rows.selecting(selection), virtualTokens, pastKeyValues);
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
        return new ModelInput(tokenIds, tokenTypes, rows, embeddings, pastKeyValues);
    }

    /** The same input with keys and values before every row. */
    public ModelInput withPastKeyValues(List<KeyValue> layers) {
        return new ModelInput(tokenIds, tokenTypes, rows, virtualTokens, List.copyOf(layers));
    }
}
