package io.github.peft4j.models.nn;

/** How rotary frequencies are stretched for longer texts than a model was first trained on. */
public sealed interface RotaryScaling {

    /** The frequencies to use instead of the plain ones. */
    float[] apply(float[] frequencies);

    private static void requirePositive(double value, String name) {
        if (!(value > 0)) {
            throw new IllegalArgumentException(name + " must be above 0, got " + value);
        }
    }

    /** No stretching. */
    record None() implements RotaryScaling {
        @Override
        public float[] apply(float[] frequencies) {
            return frequencies;
        }
    }

    /**
     * Every frequency divided by a factor.
     *
     * @param factor above 0
     */
    record Linear(double factor) implements RotaryScaling {

        /** Checks the factor. */
        public Linear {
            requirePositive(factor, "factor");
        }

        @Override
        public float[] apply(float[] frequencies) {
            float[] scaled = new float[frequencies.length];
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = frequencies[i] / (float) factor;
            }
            return scaled;
        }
    }

    /**
     * Llama 3's: long waves divided by a factor, short ones kept, a smooth passage between; Hugging Face's
     * {@code _compute_llama3_parameters}.
     *
     * @param factor divides the long waves
     * @param lowFactor waves longer than {@code originalLength / lowFactor} are long
     * @param highFactor waves shorter than {@code originalLength / highFactor} are short
     * @param originalLength positions the model was first trained on
     */
    record Llama3(double factor, double lowFactor, double highFactor, int originalLength) implements RotaryScaling {

        /** Checks that all are above 0 and that there is a passage between long and short. */
        public Llama3 {
            requirePositive(factor, "factor");
            requirePositive(lowFactor, "low_freq_factor");
            requirePositive(originalLength, "original_max_position_embeddings");
            if (!(highFactor > lowFactor)) {
                throw new IllegalArgumentException(
                        "high_freq_factor must be above low_freq_factor " + lowFactor + ", got " + highFactor);
            }
        }

        @Override
        public float[] apply(float[] frequencies) {
            float[] scaled = new float[frequencies.length];
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = one(frequencies[i]);
            }
            return scaled;
        }

        /** In float32 throughout, as Hugging Face does. */
        private float one(float frequency) {
            float wave = (float) (2 * Math.PI) / frequency;
            if (wave < originalLength / highFactor) {
                return frequency;
            }
            if (wave > originalLength / lowFactor) {
                return frequency / (float) factor;
            }
            float smooth = (originalLength / wave - (float) lowFactor) / (float) (highFactor - lowFactor);
            return (1 - smooth) * frequency / (float) factor + smooth * frequency;
        }
    }
}
