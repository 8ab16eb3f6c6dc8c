package io.github.peft4j.models.nn.attention.internal;

/**
 * Frequencies whose base grows with the text once it is longer than what the model was made for; Hugging Face's
 * {@code _compute_dynamic_ntk_parameters}.
 *
 * @param growth the config's {@code factor}
 * @param longest positions the model was made for
 */
public record DynamicNtk(double growth, int longest) implements RotaryScaling {

    /** Checks that both are above 0. */
    public DynamicNtk {
        RotaryScaling.requirePositive(growth, "factor");
        RotaryScaling.requirePositive(longest, "max_position_embeddings");
    }

    @Override
    public int alikeUpTo() {
        return longest;
    }

    /** Refuses two values, for which the formula divides by 0. */
    @Override
    public void requireFits(int size) {
        if (size <= 2) {
            throw new IllegalArgumentException(
                    "dynamic rotary positions need more than 2 values per head, got " + size);
        }
    }

    /** {@inheritDoc} In float32, as Hugging Face computes with a length that is a tensor. */
    @Override
    public float[] frequencies(int size, double theta, int length) {
        if (length <= longest) {
            return Rotary.frequencies(size, theta);
        }
        float stretched = (float) growth * length / longest - (float) (growth - 1);
        return Rotary.frequencies(size, (float) theta * (float) Math.pow(stretched, (float) (size / (size - 2.0))));
    }
}
