package io.github.peft4j.models.causal.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.input.SharedPrefix;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which hidden states predict which tokens, and the least that has to be computed to have them: rows end with the last token that a
 * supervised one is predicted from, rows without supervision are left out, and what all rows begin with is computed once. In a causal model
 * no other token is seen from there, so loss and gradients are those of the whole rows.
 *
 * @param input what is computed
 * @param sources indices into its hidden states, virtual tokens' included
 * @param targets the token each must predict
 * @param perRow how many of them each row of the batch has, row after row
 */
public record Supervision(ModelInput input, long[] sources, long[] targets, int[] perRow) {

    /** A supervised row: its tokens as far as they are needed, all its labels. */
    private record Needed(int number, Row tokens, int[] labels) {

        static List<Needed> whole(List<Row> rows) {
            return IntStream.range(0, rows.size())
                    .mapToObj(i -> new Needed(i, rows.get(i), next(rows.get(i)).labels()))
                    .toList();
        }
    }

    /**
     * That of a batch for a model.
     *
     * @throws IllegalArgumentException if a row has no label for each token, or an id or label is not in the vocabulary
     */
    static Supervision of(Forward context, Model<?> model, Batch batch) {
        int vocabulary = model.vocabSize();
        batch.rows().forEach(row -> ModelInput.requireTokens(row.tokenIds(), vocabulary));
        Supervision supervision = of(batch, model.virtualTokens(), SharedPrefix.allowed(model, context, batch.rows()));
        supervision.requireBelow(vocabulary);
        return supervision;
    }

    /** The hidden states [M, D] that predict the targets. */
    public Activation hidden(Forward context, Model<?> model) {
        try (NDArray indices = context.scope().longs(sources)) {
            return model.hidden(context, input, indices);
        }
    }

    /**
     * Position t predicts token t + 1; with virtual tokens before a row, the last of them predicts its first token.
     *
     * @param opened whether what rows begin with may be computed once for all; padded rows are computed as they stand in any case
     */
    static Supervision of(Batch batch, int virtualTokens, boolean opened) {
        if (batch.padded()) {
            return of(Needed.whole(batch.rows()), batch.rows().size(), virtualTokens, false);
        }
        List<Needed> needed = needed(batch, firstPredicted(virtualTokens));
        return of(needed, batch.rows().size(), virtualTokens, opened);
    }

    /** The first of a row's tokens that something before it predicts. */
    private static int firstPredicted(int virtualTokens) {
        return virtualTokens > 0 ? 0 : 1;
    }

    /** Labels that something before them predicts: a row's first counts only if virtual tokens stand before it. */
    public static int count(Batch batch, int virtualTokens) {
        int from = firstPredicted(virtualTokens);
        return batch.rows().stream().mapToInt(row -> next(row).supervised(from)).sum();
    }

    private static Row.Target.NextTokens next(Row row) {
        if (row.target() instanceof Row.Target.NextTokens next) {
            return next;
        }
        throw new IllegalArgumentException("a row to learn next tokens from needs a label for each token, got one with "
                + row.target().getClass().getSimpleName());
    }

    private static List<Needed> needed(Batch batch, int from) {
        List<Needed> needed = new ArrayList<>();
        for (Needed row : Needed.whole(batch.rows())) {
            int last = row.labels().length - 1;
            while (last >= from && row.labels()[last] == Row.Target.IGNORED) {
                last--;
            }
            if (last >= from) {
                needed.add(new Needed(row.number(), row.tokens().begin(Math.max(1, last)), row.labels()));
            }
        }
        return needed;
    }

    private static Supervision of(List<Needed> rows, int all, int virtualTokens, boolean shared) {
        SharedPrefix laid = SharedPrefix.of(rows.stream().map(Needed::tokens).toList(), virtualTokens, shared);
        int capacity = rows.stream().mapToInt(row -> row.labels().length).sum();
        long[] sources = new long[capacity];
        long[] targets = new long[capacity];
        int[] perRow = new int[all];
        int count = 0;
        for (int row = 0; row < rows.size(); row++) {
            int[] labels = rows.get(row).labels();
            for (int t = firstPredicted(virtualTokens); t < labels.length; t++) {
                if (labels[t] != Row.Target.IGNORED) {
                    sources[count] = laid.place(row, (long) virtualTokens + t - 1);
                    targets[count++] = labels[t];
                    perRow[rows.get(row).number()]++;
                }
            }
        }
        return new Supervision(laid.input(), Arrays.copyOf(sources, count), Arrays.copyOf(targets, count), perRow);
    }

    /**
     * Checks that every target is a token of a vocabulary.
     *
     * @throws IllegalArgumentException if one is not
     */
    void requireBelow(int vocabSize) {
        for (long target : targets) {
            if (target >= vocabSize) {
                throw new IllegalArgumentException("label " + target + " is not in the vocabulary of " + vocabSize
                        + " tokens; tokens that are not supervised have the label " + Row.Target.IGNORED);
            }
        }
    }

    public int count() {
        return targets.length;
    }
}
