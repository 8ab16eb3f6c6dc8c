package io.github.peft4j.models.hub.push.internal;

/** Hears how far the uploads of large files are. Called by several threads, one at a time. */
@FunctionalInterface
public interface PushProgress {

    /** Hears nothing. */
    PushProgress NONE = (sent, all) -> {};

    /**
     * Some more has arrived, or needed not to be sent.
     *
     * @param sent bytes so far
     * @param all bytes that there are
     */
    void sent(long sent, long all);
}
