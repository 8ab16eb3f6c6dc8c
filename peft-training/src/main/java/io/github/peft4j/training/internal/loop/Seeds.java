package io.github.peft4j.training.internal.loop;

import io.github.peft4j.training.data.content.internal.SplitMix;

/** Seeds made from others, far apart even where those are neighbours. */
final class Seeds {

    private Seeds() {}

    /** A number in [0, 2^62) that depends on a seed and some places; by SplitMix64's finaliser. */
    static long mix(long seed, long... places) {
        long z = SplitMix.mix(seed);
        for (long place : places) {
            z = SplitMix.mix(z + 0x9E3779B97F4A7C15L * (place + 1));
        }
        return z >>> 2;
    }
}
