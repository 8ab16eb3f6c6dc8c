package io.github.peft4j.models.embedding;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.embedding.internal.PairLosses;
import io.github.peft4j.models.embedding.internal.Retrieval;
import io.github.peft4j.models.embedding.internal.UnitVectors;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.nn.Forward;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What the vectors of texts learn from pairs of them, compared by their cosines; what is learned of a row, its target says.
 *
 * <ul>
 *   <li>{@link Row.Target.Contrast}: the cross-entropy of each anchor's positive among all positives and negatives of the batch, with {@code scale} times the
 *       cosines as logits. sentence-transformers' {@code MultipleNegativesRankingLoss}; the paper is Henderson et al. 2017. What goes through the model at
 *       once is a micro-batch: anchors of one do not see the texts of others, and the mean of an accumulated batch is over all of its anchors.
 *   <li>{@link Row.Target.Similarity}: the squared error of the cosine, as {@code CosineSimilarityLoss} there.
 * </ul>
 *
 * <p>All texts of a batch go through the model in one pass, end to end. A text that occurs twice in it is computed twice, and a positive's copy in another row is a negative there, as
 * in sentence-transformers without its {@code NO_DUPLICATES} sampler. Evaluated, each anchor is compared with the texts of all rows.
 *
 * @param scale what cosines are multiplied by; one over the temperature
 */
public record TextPairs(double scale) implements Objective {

    /** sentence-transformers' scale. */
    public static final double DEFAULT_SCALE = 20;

    /**
     * Checks the scale.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public TextPairs {
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("the scale of cosines must be a positive number, got " + scale);
        }
    }

    /** With sentence-transformers' scale. */
    public TextPairs() {
        this(DEFAULT_SCALE);
    }

    @Override
    public String item() {
        return "row";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("scale", String.valueOf(scale));
    }

    @Override
    public boolean comparesRows() {
        return true;
    }

    /**
     * The rows.
     *
     * @throws IllegalArgumentException if one has another target, or some have one kind and some the other, or they are padded
     */
    @Override
    public int items(Model<?> model, Batch batch) {
        UnitVectors.requirePooled(model);
        if (batch.padded()) {
            throw new IllegalArgumentException(
                    "texts to be compared cannot be padded: their vectors would be those of the padding too");
        }
        List<Row> rows = batch.rows();
        for (Row row : rows) {
            Row.Target target = row.target();
            if (!(target instanceof Row.Target.Contrast || target instanceof Row.Target.Similarity)) {
                throw new IllegalArgumentException(
                        "a row to learn vectors of texts from needs a positive, or another text and a score, got one with "
                                + target.getClass().getSimpleName());
            }
            if (target.getClass() != rows.get(0).target().getClass()) {
                throw new IllegalArgumentException(
                        "some rows have positives and some have scores: they are learned from in two ways, so train on one kind");
            }
        }
        return rows.size();
    }

    @Override
    public double loss(Forward context, Model<?> model, Batch batch, double weight) {
        int count = items(model, batch);
        List<Row> rows = batch.rows();
        boolean contrasts = rows.get(0).target() instanceof Row.Target.Contrast;
        try (Activation unit = UnitVectors.of(context, model, contrasts ? contrasts(rows) : similarities(rows))) {
            return contrasts
                    ? PairLosses.ofContrasts(context, unit, count, scale, weight)
                    : PairLosses.ofSimilarities(context, unit, scores(rows), weight);
        }
    }

    /**
     * {@inheritDoc} Of a pair with a score the cosine; of rows with positives those that are the first with their anchor: the places of the texts that
     * go with it, among all different ones, from 1.
     */
    @Override
    public double evaluate(Forward context, Model<?> model, Batch batch, BiConsumer<Row, float[]> outputs) {
        int count = items(model, batch);
        List<Row> rows = batch.rows();
        Kernels k = context.kernels();
        if (rows.get(0).target() instanceof Row.Target.Contrast) {
            Retrieval retrieval = new Retrieval(rows);
            try (NDArray unit = UnitVectors.inParts(context, model, retrieval.texts())) {
                return retrieval.evaluate(k, unit, scale, outputs);
            }
        }
        try (NDArray unit = UnitVectors.inParts(context, model, similarities(rows));
                NDArray own = k.narrow(unit, 0, 0, count);
                NDArray others = k.narrow(unit, 0, count, count)) {
            float[] cosines = PairLosses.cosines(k, own, others);
            for (int row = 0; row < count; row++) {
                outputs.accept(rows.get(row), new float[] {cosines[row]});
            }
            return PairLosses.ofSimilarities(context, Activation.constant(unit), scores(rows), 1);
        }
    }

    private static List<int[]> contrasts(List<Row> rows) {
        List<int[]> texts = new ArrayList<>();
        rows.forEach(row -> texts.add(row.tokenIds()));
        rows.forEach(row -> texts.add(((Row.Target.Contrast) row.target()).positive()));
        rows.forEach(row -> texts.addAll(((Row.Target.Contrast) row.target()).negatives()));
        return texts;
    }

    private static List<int[]> similarities(List<Row> rows) {
        List<int[]> texts = new ArrayList<>();
        rows.forEach(row -> texts.add(row.tokenIds()));
        rows.forEach(row -> texts.add(((Row.Target.Similarity) row.target()).other()));
        return texts;
    }

    private static float[] scores(List<Row> rows) {
        float[] scores = new float[rows.size()];
        for (int row = 0; row < scores.length; row++) {
            scores[row] = ((Row.Target.Similarity) rows.get(row).target()).score();
        }
        return scores;
    }
}
