package io.github.peft4j.models.internal.natives;

import ai.djl.pytorch.jni.JniUtils;

/**
 * The threads that the calling thread's operations are computed by. Each thread has a number of its own, OpenMP's and MKL's; one that has not been told is
 * given, at its first operation, the number that any thread was told last.
 */
public final class EngineThreads {

    private EngineThreads() {}

    /** The calling thread's number. */
    public static int here() {
        return JniUtils.getNumThreads();
    }

    /**
     * Sets the calling thread's number, and the one that new threads begin with.
     *
     * @param threads at least 1
     */
    public static void set(int threads) {
        // A thread's first question gives it the number of new ones, which would replace this one if it came later.
        if (here() != threads) {
            JniUtils.setNumThreads(threads);
        }
    }
}
