package io.github.peft4j.models.embedding.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.nn.Forward;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The losses of vectors of length 1, [N, D] in float32, forward and backward at once: the rows' own texts come first, then in the same order the one that
 * goes with each, then all others.
 */
public final class PairLosses {

    private PairLosses() {}

    /**
     * The cross-entropy of each row's positive among all positives and negatives, summed over rows:
     * \(\sum_i \log \sum_j e^{s u_i \cdot v_j} - s u_i \cdot v_i\).
     *
     * @param unit the anchors [A, D], the positives [A, D] and the negatives; in a recorded pass their gradient is put in place
     * @param rows A
     * @param scale s
     * @param weight multiplies the gradients
     */
    public static double ofContrasts(Forward context, Activation unit, int rows, double scale, double weight) {
        Kernels k = context.kernels();
        long others = unit.array().getShape().get(0) - rows;
        try (NDArray anchors = k.narrow(unit.array(), 0, 0, rows);
                NDArray scaled = k.scale(anchors, scale);
                NDArray candidates = k.narrow(unit.array(), 0, rows, others);
                NDArray logits = k.linear(scaled, candidates, null);
                NDArray positives =
                        context.scope().longs(LongStream.range(0, rows).toArray())) {
            if (!unit.needsGradient()) {
                return k.crossEntropyLoss(logits, positives);
            }
            double loss = k.crossEntropyInto(logits, positives, weight);
            try (NDArray ofAnchors = k.linearGradient(logits, candidates, null);
                    NDArray ofCandidates = k.outer(logits, scaled)) {
                k.scaleInto(ofAnchors, scale);
                unit.accumulate(k.concat(List.of(ofAnchors, ofCandidates), 0), k);
            }
            return loss;
        }
    }

    /**
     * The squared error of each row's cosine, summed over rows: \(\sum_i (u_i \cdot v_i - y_i)^2\).
     *
     * @param unit the rows' own texts [B, D], then the others [B, D]; in a recorded pass their gradient is put in place
     * @param scores y
     * @param weight multiplies the gradients
     */
    public static double ofSimilarities(Forward context, Activation unit, float[] scores, double weight) {
        Kernels k = context.kernels();
        int rows = scores.length;
        try (NDArray own = k.narrow(unit.array(), 0, 0, rows);
                NDArray others = k.narrow(unit.array(), 0, rows, rows)) {
            float[] cosines = cosines(k, own, others);
            float[] slopes = new float[rows];
            double loss = 0;
            for (int row = 0; row < rows; row++) {
                double error = (double) cosines[row] - scores[row];
                loss += error * error;
                slopes[row] = (float) (2 * error * weight);
            }
            if (unit.needsGradient()) {
                try (NDArray slope = context.scope().floats(slopes, rows, 1);
                        NDArray ofOwn = k.multiply(others, slope);
                        NDArray ofOthers = k.multiply(own, slope)) {
                    unit.accumulate(k.concat(List.of(ofOwn, ofOthers), 0), k);
                }
            }
            return loss;
        }
    }

    /** The products of vectors that stand in the same place, [B]. */
    public static float[] cosines(Kernels k, NDArray own, NDArray others) {
        int width = Math.toIntExact(own.getShape().get(1));
        float[] ones = new float[width];
        Arrays.fill(ones, 1);
        try (NDArray products = k.multiply(own, others);
                NDArray sum = k.scope().floats(ones, 1, width);
                NDArray cosines = k.linear(products, sum, null)) {
            return k.toFloats(cosines);
        }
    }
}
