package io.github.peft4j.models.kernel.internal;

import ai.djl.Device;

/**
 * Which rows are long in attention, and how they are computed. Rows below save their probabilities, which grow with the product of a row's
 * own tokens and all that it sees, for the backward pass. Long ones keep none: a block of queries at a time meets the keys that it sees, and
 * once more in the backward pass.
 *
 * @param from tokens of a row, with those of a prefix and a shared prefix before it, from which on it is long; 1 or more. Of a row that a cache
 *     holds the beginning of, which saves nothing, the new ones count alone
 * @param block queries at a time; 1 or more
 * @param tiledFrom tokens from which on torch's own tiled kernel takes a long row in float32, if it has no prefix, window or ALiBi;
 *     CPU only
 */
public record LongRows(int from, int block, int tiledFrom) {

    /** Below, saved probabilities are faster and small. */
    public static final int FROM = 512;

    private static final LongRows ON_CPU = new LongRows(FROM, 128, 1024);
    private static final LongRows ON_GPU = new LongRows(FROM, 512, Integer.MAX_VALUE);

    /**
     * @throws IllegalArgumentException if a row or a block would have no tokens
     */
    public LongRows {
        if (from < 1 || block < 1) {
            throw new IllegalArgumentException(
                    "long rows and blocks have tokens: expected 1 or more, got from " + from + " and block " + block);
        }
    }

    /** As measured on a device's kind. */
    public static LongRows on(Device device) {
        return device.isGpu() ? ON_GPU : ON_CPU;
    }
}
