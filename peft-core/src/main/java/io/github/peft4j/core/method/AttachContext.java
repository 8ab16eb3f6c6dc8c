package io.github.peft4j.core.method;

import io.github.peft4j.models.internal.json.JsonWriter;
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

    /** The seed if none is given, of initial values as of the order of rows: that of transformers' training arguments. */
    public static final long DEFAULT_SEED = 42;

    private static final int LONGEST_NAME = 200;

    /**
     * Checks the name: it becomes a folder, and a module of Hugging Face's, whose names have no dots.
     *
     * @throws IllegalArgumentException if it is empty or long, or holds a dot, a separator or anything that cannot be seen
     */
    public AttachContext {
        boolean plain = adapterName
                .chars()
                .noneMatch(
                        c -> "./\\:*?\"<>|".indexOf(c) >= 0 || Character.isISOControl(c) || Character.isWhitespace(c));
        if (!plain || adapterName.isEmpty() || adapterName.length() > LONGEST_NAME) {
            throw new IllegalArgumentException("an adapter cannot be named "
                    + JsonWriter.LINE.write(adapterName) + ": expected 1 to " + LONGEST_NAME
                    + " characters without dots, slashes, colons, quotation marks, wildcards and blanks");
        }
    }

    /** Initial values of the seed for the adapter named {@code default}. */
    public static AttachContext of(long seed) {
        return new AttachContext(DEFAULT_NAME, seed, true);
    }

    /** A source of random numbers that is this adapter's alone. */
    public SplittableRandom random() {
        return new SplittableRandom(seed);
    }
}
