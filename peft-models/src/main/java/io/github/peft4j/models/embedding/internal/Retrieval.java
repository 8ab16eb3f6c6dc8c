package io.github.peft4j.models.embedding.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.kernel.Kernels;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * Rows of one file as a search: each different anchor is a query, each different text that any of the rows holds beside it a document, and
 * the positives of all rows with that anchor are the relevant ones. Texts are the same if their tokens are.
 */
public final class Retrieval {

    /** Similarities held at once, 16 MiB in float32. */
    private static final long SIMILARITIES_AT_ONCE = 4L << 20;

    private final List<Row> rows;
    private final DistinctTexts anchors = new DistinctTexts();
    private final DistinctTexts documents = new DistinctTexts();
    private final List<List<Integer>> rowsOfAnchor = new ArrayList<>();
    private final int[] positives;

    /** The search that rows with a {@link Row.Target.Contrast} make. */
    public Retrieval(List<Row> rows) {
        this.rows = rows;
        this.positives = new int[rows.size()];
        for (int row = 0; row < positives.length; row++) {
            int anchor = anchors.add(rows.get(row).tokenIds());
            if (anchor == rowsOfAnchor.size()) {
                rowsOfAnchor.add(new ArrayList<>());
            }
            rowsOfAnchor.get(anchor).add(row);
            Row.Target.Contrast contrast = (Row.Target.Contrast) rows.get(row).target();
            positives[row] = documents.add(contrast.positive());
            contrast.negatives().forEach(documents::add);
        }
    }

    /** The queries, then the documents. */
    public List<int[]> texts() {
        List<int[]> all = new ArrayList<>(anchors.texts());
        all.addAll(documents.texts());
        return all;
    }

    /**
     * The summed loss of the rows, each among the texts of all of them, counted as often as they occur: that of
     * {@link PairLosses#ofContrasts} on one batch of all rows.
     *
     * @param unit vectors of the {@link #texts}, [N, D]
     * @param told the first row of each query, and the places of its relevant documents among all, from 1, the best first; of documents that are
     *     equally near the earlier one comes first
     */
    public double evaluate(Kernels k, NDArray unit, double scale, BiConsumer<Row, float[]> told) {
        int queries = anchors.texts().size();
        int candidates = documents.texts().size();
        int step = (int) Math.max(1, SIMILARITIES_AT_ONCE / candidates);
        double loss = 0;
        try (NDArray found = k.narrow(unit, 0, queries, candidates)) {
            for (int start = 0; start < queries; start += step) {
                int count = Math.min(step, queries - start);
                try (NDArray asked = k.narrow(unit, 0, start, count);
                        NDArray similarities = k.linear(asked, found, null)) {
                    float[] values = k.toFloats(similarities);
                    for (int q = 0; q < count; q++) {
                        float[] own = Arrays.copyOfRange(values, q * candidates, (q + 1) * candidates);
                        loss += query(rowsOfAnchor.get(start + q), own, scale, told);
                    }
                }
            }
        }
        return loss;
    }

    private double query(List<Integer> own, float[] similarities, double scale, BiConsumer<Row, float[]> told) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float similarity : similarities) {
            largest = Math.max(largest, scale * similarity);
        }
        double sum = 0;
        for (int d = 0; d < similarities.length; d++) {
            sum += documents.count(d) * Math.exp(scale * similarities[d] - largest);
        }
        double normaliser = Math.log(sum) + largest;
        told.accept(rows.get(own.get(0)), places(own, similarities));
        return own.stream()
                .mapToDouble(row -> normaliser - scale * similarities[positives[row]])
                .sum();
    }

    private float[] places(List<Integer> own, float[] similarities) {
        int[] relevant = own.stream().mapToInt(row -> positives[row]).distinct().toArray();
        float[] places = new float[relevant.length];
        for (int i = 0; i < places.length; i++) {
            int document = relevant[i];
            float similarity = similarities[document];
            places[i] = 1
                    + IntStream.range(0, similarities.length)
                            .filter(d ->
                                    similarities[d] > similarity || (similarities[d] == similarity && d < document))
                            .count();
        }
        Arrays.sort(places);
        return places;
    }

    /** Texts by their tokens, each once. */
    private static final class DistinctTexts {
        private final Map<IntBuffer, Integer> numbers = new HashMap<>();
        private final List<int[]> texts = new ArrayList<>();
        private final List<Integer> counts = new ArrayList<>();

        /** The number of a text, a new one for one that was not there. */
        int add(int[] ids) {
            int number = numbers.computeIfAbsent(IntBuffer.wrap(ids), key -> {
                texts.add(ids);
                counts.add(0);
                return texts.size() - 1;
            });
            counts.set(number, counts.get(number) + 1);
            return number;
        }

        List<int[]> texts() {
            return texts;
        }

        int count(int number) {
            return counts.get(number);
        }
    }
}
