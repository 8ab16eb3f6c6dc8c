package io.github.peft4j.training.internal.loop;

import com.sun.jna.Function;
import org.jspecify.annotations.Nullable;

/**
 * The C library's heap, which arrays on the CPU lie in. It keeps freed memory for later, in pieces: what was freed between small things
 * that stay is too small for the arrays of a longer batch, which then take new memory although much is free. Giving the pieces back
 * costs a tenth of a step, so it is done where it pays.
 */
final class NativeHeap {

    /** Batches after which pieces are given back anyway: those of ever new lengths break the heap up as well. */
    private static final int ROUND = 16;

    private static final @Nullable Function TRIM = find();

    private long largest;
    private int batches;

    /**
     * glibc's {@code malloc_trim}; other C libraries have none, and there is nothing to do then. Nor is there where JNA cannot unpack its own
     * library, which another class may have found before, so that it is missing as a class here.
     */
    private static @Nullable Function find() {
        try {
            return Function.getFunction("c", "malloc_trim");
        } catch (LinkageError e) {
            return null;
        }
    }

    /**
     * To be called before each batch: gives free pieces back to the system if the batch is longer than all before, or in its turn; also
     * before the second one, since what stays from the first on, an optimizer's states above all, lies between its pieces.
     */
    void before(long tokens) {
        batches++;
        if (tokens > largest || batches == 2 || batches % ROUND == 0) {
            largest = Math.max(largest, tokens);
            giveBack();
        }
    }

    /** Gives every free page back to the system. */
    private static void giveBack() {
        if (TRIM != null) {
            TRIM.invokeInt(new Object[] {0L});
        }
    }
}
