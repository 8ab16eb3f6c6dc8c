package io.github.peft4j.methods.lycoris.internal;

/**
 * How the two matrices of a Kronecker product are cut out of a layer's sizes.
 *
 * @param outLeft A: height of the left matrix
 * @param outRight B: height of the right matrix; A B = out
 * @param inLeft C: width of the left matrix
 * @param inRight E: width of the right matrix; C E = in
 */
record KroneckerSizes(long outLeft, long outRight, long inLeft, long inRight) {

    /** The sizes for a layer. */
    static KroneckerSizes of(long in, long out, int factor) {
        long inLeft = left(in, factor);
        long outLeft = left(out, factor);
        return new KroneckerSizes(outLeft, out / outLeft, inLeft, in / inLeft);
    }

    /**
     * The smaller of two factors of a size: {@code factor} itself where it divides the size and leaves the larger, otherwise those nearest
     * to each other of which the smaller does not exceed it. As {@code factorization} in {@code peft/tuners/lokr/layer.py}, where a
     * factor that divides the size comes first even if it is the larger.
     */
    static long left(long size, int factor) {
        if (factor > 0 && size % factor == 0) {
            return factor;
        }
        long bound = factor == -1 ? size : factor;
        long m = 1;
        long n = size;
        while (m < n) {
            long next = m + 1;
            while (size % next != 0) {
                next++;
            }
            if (next + size / next > m + n || next > bound) {
                break;
            }
            m = next;
            n = size / next;
        }
        return Math.min(m, n);
    }

    /** Whether the left matrix is worth a product of two of this rank. */
    boolean splitsLeft(int rank) {
        return 2L * rank < Math.max(outLeft, inLeft);
    }

    /** Whether the right matrix is worth a product of two of this rank. */
    boolean splitsRight(int rank) {
        return 2L * rank < Math.max(outRight, inRight);
    }
}
