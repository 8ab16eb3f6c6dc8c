package io.github.peft4j.training.data.content.internal;

/** The finisher of SplitMix64 (Steele, Lea, Flood 2014): numbers that look random from those that do not, the same in every version of Java. */
public final class SplitMix {

    private SplitMix() {}

    /** A number that no one could guess from neighbouring ones. */
    public static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
