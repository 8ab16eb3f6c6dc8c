package io.github.peft4j.models.generate.internal;

import io.github.peft4j.models.generate.Generator;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A prompt and what has been made of it so far. */
public final class Continuation {

    /** The fraction of the golden ratio in 64 bits, whose multiples lie far from each other. */
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private final int number;
    private final int promptLength;
    private final int most;
    private final SplittableRandom random;
    private int[] ids;
    private int length;
    private int seen;
    private Generator.Generated.@Nullable Reason reason;

    /**
     * Nothing made yet.
     *
     * @param number of the prompt
     * @param prompt at least one token
     * @param most new tokens that there may be
     * @param seed what is drawn depends on it and on the prompt, not on the prompts beside it
     */
    public Continuation(int number, int[] prompt, int most, long seed) {
        this.number = number;
        this.most = most;
        this.promptLength = prompt.length;
        this.random = new SplittableRandom(mixed(seed, prompt));
        this.ids = prompt.clone();
        this.length = prompt.length;
    }

    /** A seed that differs for prompts that differ, however little. */
    private static long mixed(long seed, int[] prompt) {
        long hash = seed;
        for (int id : prompt) {
            hash = (hash ^ id) * GOLDEN_RATIO;
            hash ^= hash >>> 32;
        }
        return hash;
    }

    public int number() {
        return number;
    }

    /** Prompt and new tokens. */
    public int[] ids() {
        return Arrays.copyOf(ids, length);
    }

    /** New tokens that there may be. */
    public int most() {
        return most;
    }

    /** Tokens that the model has not seen. */
    public int unseen() {
        return length - seen;
    }

    /** The next tokens to show to the model. */
    public int[] next(int most) {
        int from = seen;
        seen = Math.min(length, seen + most);
        return Arrays.copyOfRange(ids, from, seen);
    }

    public int newTokens() {
        return length - promptLength;
    }

    /** A number of {@link Sampler#DRAW_BITS} bits. */
    public long draw() {
        return random.nextLong() >>> (Long.SIZE - Sampler.DRAW_BITS);
    }

    public void add(int id) {
        if (length == ids.length) {
            ids = Arrays.copyOf(ids, 2 * length);
        }
        ids[length++] = id;
    }

    public void stop(Generator.Generated.Reason why) {
        reason = why;
    }

    public boolean stopped() {
        return reason != null;
    }

    public Generator.Generated result() {
        if (reason == null) {
            throw new IllegalStateException("prompt " + number + " is not finished");
        }
        return new Generator.Generated(Arrays.copyOfRange(ids, promptLength, length), reason);
    }
}
