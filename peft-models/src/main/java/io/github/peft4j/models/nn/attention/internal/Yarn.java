package io.github.peft4j.models.nn.attention.internal;

/**
 * YaRN: waves that turn seldom within the original length are divided by a factor, those that turn often are kept, with a linear passage
 * between; Hugging Face's {@code _compute_yarn_parameters}.
 *
 * @param divisor the config's {@code factor}
 * @param factor multiplies cosines and sines, see {@link #factor(double, double, double)}
 * @param betaFast turns within the original length from which on a wave is kept
 * @param betaSlow turns up to which it is divided whole
 * @param originalLength positions the model was first trained on
 * @param truncate whether the ends of the passage are rounded outwards to whole pairs
 * @see <a href="https://arxiv.org/abs/2309.00071">Peng et al. 2023</a>
 */
public record Yarn(
        double divisor, double factor, double betaFast, double betaSlow, int originalLength, boolean truncate)
        implements RotaryScaling {

    private static final float TOO_NEAR = 0.001f;

    /** Checks that all numbers are above 0. */
    public Yarn {
        RotaryScaling.requirePositive(divisor, "factor");
        RotaryScaling.requirePositive(factor, "attention_factor");
        RotaryScaling.requirePositive(betaFast, "beta_fast");
        RotaryScaling.requirePositive(betaSlow, "beta_slow");
        RotaryScaling.requirePositive(originalLength, "original_max_position_embeddings");
    }

    /**
     * What cosines and sines are multiplied by where the config does not say: \(0.1 m \ln f + 1\), for {@code mscale} over that for
     * {@code mscale_all_dim} where both are there (not 0).
     */
    public static double factor(double divisor, double mscale, double mscaleAll) {
        return mscale != 0 && mscaleAll != 0 ? one(divisor, mscale) / one(divisor, mscaleAll) : one(divisor, 1);
    }

    private static double one(double divisor, double mscale) {
        return divisor <= 1 ? 1 : 0.1 * mscale * Math.log(divisor) + 1;
    }

    @Override
    public float[] frequencies(int size, double theta, int length) {
        double low = pair(betaFast, size, theta);
        double high = pair(betaSlow, size, theta);
        if (truncate) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, size - 1.0);
        float width = (float) (low == high ? TOO_NEAR : high - low);
        float[] scaled = Rotary.frequencies(size, theta);
        for (int i = 0; i < scaled.length; i++) {
            float divided = 1 / ((float) divisor * Rotary.wave(i, size, theta));
            float kept = 1 - Math.max(0, Math.min(1, (i - (float) low) / width));
            scaled[i] = divided * (1 - kept) + scaled[i] * kept;
        }
        return scaled;
    }

    /** The number of the pair of values that turns so many times within the original length. */
    private double pair(double turns, int size, double theta) {
        return size * Math.log(originalLength / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }
}
