package io.github.peft4j.models.checkpoint.internal.pickle;

/** Python's None on the unpickler's stack. */
enum PickleNone {
    /** The only value. */
    NONE
}
