package io.github.peft4j.training.internal.loop;

/** Seeds made from others, far apart even where those are neighbours. */
final class Seeds {

    private Seeds() {}

    /** A number in [0, 2^62) that depends on a seed and some places; by SplitMix64's finaliser. */
    static long mix(long seed, long... places) {
        long z = scramble(seed);
        for (long place : places) {
            z = scramble(z + 0x9E3779B97F4A7C15L * (place + 1));
        }
        return z >>> 2;
    }

    private static long scramble(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
