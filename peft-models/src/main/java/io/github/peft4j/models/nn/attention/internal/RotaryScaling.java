package io.github.peft4j.models.nn.attention.internal;

/** How rotary frequencies are stretched for longer texts than a model was first trained on. */
public interface RotaryScaling {

    /**
     * The frequencies, angle per position of each pair of values.
     *
     * @param size R, values of a head that are turned
     * @param theta base of the plain frequencies, see {@link Rotary#frequencies}
     * @param length positions of the row; all up to {@link #alikeUpTo} give the same
     */
    float[] frequencies(int size, double theta, int length);

    /** Multiplies cosines and sines. */
    default double factor() {
        return 1;
    }

    /** The length up to which all rows have the same frequencies; longer ones have others. */
    default int alikeUpTo() {
        return Integer.MAX_VALUE;
    }

    /**
     * Refuses heads that cannot be stretched so.
     *
     * @param size as of {@link #frequencies}
     * @throws IllegalArgumentException if this needs more values, or other factors
     */
    default void requireFits(int size) {}

    /** Refuses a number that is not above 0, by its name in a config. */
    static void requirePositive(double value, String name) {
        if (!(value > 0)) {
            throw new IllegalArgumentException(name + " must be above 0, got " + value);
        }
    }

    /** No stretching. */
    record None() implements RotaryScaling {
        @Override
        public float[] frequencies(int size, double theta, int length) {
            return Rotary.frequencies(size, theta);
        }
    }

    /**
     * Every frequency divided by a factor.
     *
     * @param divisor the config's {@code factor}, above 0
     */
    record Linear(double divisor) implements RotaryScaling {

        /** Checks the factor. */
        public Linear {
            RotaryScaling.requirePositive(divisor, "factor");
        }

        @Override
        public float[] frequencies(int size, double theta, int length) {
            float[] scaled = Rotary.frequencies(size, theta);
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] /= (float) divisor;
            }
            return scaled;
        }
    }

    /**
     * Llama 3's: long waves divided by a factor, short ones kept, a smooth passage between; Hugging Face's
     * {@code _compute_llama3_parameters}.
     *
     * @param divisor the config's {@code factor}: divides the long waves
     * @param lowFactor waves longer than {@code originalLength / lowFactor} are long
     * @param highFactor waves shorter than {@code originalLength / highFactor} are short
     * @param originalLength positions the model was first trained on
     */
    record Llama3(double divisor, double lowFactor, double highFactor, int originalLength) implements RotaryScaling {

        /** Checks that all are above 0 and that there is a passage between long and short. */
        public Llama3 {
            RotaryScaling.requirePositive(divisor, "factor");
            RotaryScaling.requirePositive(lowFactor, "low_freq_factor");
            RotaryScaling.requirePositive(originalLength, "original_max_position_embeddings");
            if (!(highFactor > lowFactor)) {
                throw new IllegalArgumentException(
                        "high_freq_factor must be above low_freq_factor " + lowFactor + ", got " + highFactor);
            }
        }

        @Override
        public float[] frequencies(int size, double theta, int length) {
            return apply(Rotary.frequencies(size, theta));
        }

        /** The frequencies to use instead of plain ones. */
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
                return frequency / (float) divisor;
            }
            float smooth = (originalLength / wave - (float) lowFactor) / (float) (highFactor - lowFactor);
            return (1 - smooth) * frequency / (float) divisor + smooth * frequency;
        }
    }
}
