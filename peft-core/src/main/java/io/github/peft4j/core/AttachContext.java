package io.github.peft4j.core;

import java.util.SplittableRandom;

/**
 * What an adapter is attached with besides its config.
 *
 * @param adapterName its name among the model's adapters
 * @param seed of its initial values
 * @param initialise whether initial values matter; not if saved ones replace them at once
 */
public record AttachContext(String adapterName, long seed, boolean initialise) {

    /** The name that an adapter has if none is given. */
    public static final String DEFAULT_NAME = "default";

    /** Initial values of the seed for the adapter named {@code default}. */
    public static AttachContext of(long seed) {
        return new AttachContext(DEFAULT_NAME, seed, true);
    }

    /** A source of random numbers that is this adapter's alone. */
    public SplittableRandom random() {
        return new SplittableRandom(seed);
    }
}
