package io.github.peft4j.training.internal.work;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A batch's rows shared out by tokens: from the longest to the shortest, each to the worker that has the fewest tokens so far, the first of several.
 * It depends on nothing but the rows.
 */
public final class RowShares {

    private RowShares() {}

    /**
     * The parts, each with its rows in the batch's order; the batch alone where it does not pay to cut it.
     *
     * <p>What all rows begin with, virtual tokens included, is computed once for a part. So with an opening of \(P\) tokens, \(R\) other tokens of all rows and
     * \(r\) of the largest part, a part takes \(P + r\) on its share of the cores where the whole takes \(P + R\) on all of them. \(w\) times as many cores make
     * an operation {@link WorkerChoice#gain} times as fast, so the batch is cut into the most parts for which \((P + r)\,gain(w) &lt; P + R\). Padded rows are computed as they stand,
     * and share nothing.
     *
     * @param virtualTokens those before every row
     */
    public static List<Batch> of(Batch batch, int workers, int virtualTokens) {
        List<Row> rows = batch.rows();
        int opening = batch.padded() ? 0 : virtualTokens + opening(rows);
        long[] tokens = rows.stream()
                .mapToLong(row -> (long) row.tokens() + virtualTokens - opening)
                .toArray();
        long whole = opening + Arrays.stream(tokens).sum();
        for (int parts = Math.min(workers, rows.size()); parts > 1; parts--) {
            int[] owners = owners(tokens, parts);
            long[] loads = new long[parts];
            for (int i = 0; i < tokens.length; i++) {
                loads[owners[i]] += tokens[i];
            }
            long largest = Arrays.stream(loads).max().orElseThrow();
            if ((opening + largest) * WorkerChoice.gain(parts) < whole) {
                return parts(batch, owners, parts);
            }
        }
        return List.of(batch);
    }

    private static List<Batch> parts(Batch batch, int[] owners, int parts) {
        List<Batch> shares = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            int owner = part;
            shares.add(new Batch(
                    IntStream.range(0, owners.length)
                            .filter(i -> owners[i] == owner)
                            .mapToObj(i -> batch.rows().get(i))
                            .toList(),
                    batch.padded()));
        }
        return shares;
    }

    private static int[] owners(long[] tokens, int parts) {
        int[] owners = new int[tokens.length];
        long[] loads = new long[parts];
        IntStream.range(0, tokens.length)
                .boxed()
                .sorted(Comparator.comparingLong((Integer i) -> -tokens[i]))
                .forEach(i -> {
                    int least = 0;
                    for (int part = 1; part < parts; part++) {
                        least = loads[part] < loads[least] ? part : least;
                    }
                    owners[i] = least;
                    // A row without tokens of its own is work too; no part stays empty.
                    loads[least] += Math.max(1, tokens[i]);
                });
        return owners;
    }

    /** How many tokens all rows begin with, their last ones not among them. */
    private static int opening(List<Row> rows) {
        int[] first = rows.get(0).tokenIds();
        int common = first.length - 1;
        for (Row row : rows) {
            int differs = Arrays.mismatch(first, row.tokenIds());
            common = Math.min(common, differs < 0 ? first.length - 1 : Math.min(differs, row.length() - 1));
        }
        return common;
    }
}
