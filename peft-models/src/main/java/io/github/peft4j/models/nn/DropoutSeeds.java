package io.github.peft4j.models.nn;

import org.jspecify.annotations.Nullable;

/** The seeds of one pass's dropouts, one after the other; the same sequence in a repeated run, and unlike that of a pass with the next seed. */
final class DropoutSeeds {

    private final Forward.@Nullable Recording recording;
    private long given;

    DropoutSeeds(Forward.@Nullable Recording recording) {
        this.recording = recording;
    }

    /** Whether dropout applies. */
    boolean apply() {
        return recording != null && recording.dropout();
    }

    /** The next seed. */
    long next() {
        if (recording == null || !recording.dropout()) {
            throw new IllegalStateException("dropout does not apply in this pass");
        }
        return mixed(mixed(recording.seed()) + ++given) & Long.MAX_VALUE;
    }

    /** The bit mixer of SplitMix64. */
    private static long mixed(long value) {
        long x = value + 0x9E3779B97F4A7C15L;
        x = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        x = (x ^ (x >>> 27)) * 0x94D049BB133111EBL;
        return x ^ (x >>> 31);
    }

    /** How many were given. */
    long given() {
        return given;
    }

    /** Goes back, or forward, to the seed after so many. */
    void resumeAfter(long count) {
        given = count;
    }
}
