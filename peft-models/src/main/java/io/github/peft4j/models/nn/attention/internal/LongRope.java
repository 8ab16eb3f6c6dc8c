package io.github.peft4j.models.nn.attention.internal;

import java.util.List;

/**
 * LongRoPE: each wave divided by a factor of its own, by one set of factors for rows up to the original length and by another for longer
 * ones; Hugging Face's {@code _compute_longrope_parameters}.
 *
 * @param shortFactors one per pair of values
 * @param longFactors likewise
 * @param factor multiplies cosines and sines, whatever the length; see {@link #factor(double, int)}
 * @param originalLength positions up to which the short factors hold
 * @see <a href="https://arxiv.org/abs/2402.13753">Ding et al. 2024</a>
 */
public record LongRope(List<Double> shortFactors, List<Double> longFactors, double factor, int originalLength)
        implements RotaryScaling {

    /** Checks that the numbers are above 0. */
    public LongRope {
        shortFactors = List.copyOf(shortFactors);
        longFactors = List.copyOf(longFactors);
        RotaryScaling.requirePositive(factor, "attention_factor");
        RotaryScaling.requirePositive(originalLength, "original_max_position_embeddings");
    }

    /**
     * What cosines and sines are multiplied by where the config does not say: \(\sqrt{1 + \ln f / \ln L}\).
     *
     * @param stretch f, how much longer texts may be
     * @param originalLength L
     */
    public static double factor(double stretch, int originalLength) {
        return stretch <= 1 ? 1 : Math.sqrt(1 + Math.log(stretch) / Math.log(originalLength));
    }

    @Override
    public int alikeUpTo() {
        return originalLength;
    }

    /** Refuses more or fewer factors than pairs of values. */
    @Override
    public void requireFits(int size) {
        requireLength("short_factor", shortFactors, size);
        requireLength("long_factor", longFactors, size);
    }

    private static void requireLength(String name, List<Double> factors, int size) {
        int pairs = size / 2 + size % 2;
        if (factors.size() != pairs) {
            throw new IllegalArgumentException(name + " must have length " + pairs
                    + ", one for each pair of values that is rotated, got " + factors.size());
        }
    }

    @Override
    public float[] frequencies(int size, double theta, int length) {
        List<Double> factors = length > originalLength ? longFactors : shortFactors;
        float[] scaled = new float[factors.size()];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = 1 / (factors.get(i).floatValue() * Rotary.wave(i, size, theta));
        }
        return scaled;
    }
}
