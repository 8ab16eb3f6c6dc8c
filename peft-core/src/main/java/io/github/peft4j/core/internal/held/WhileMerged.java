package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.method.WeightChange;

/** What is done while adapters are merged. */
public interface WhileMerged<T, E extends Exception> {

    /** Does it, given what merging changed. */
    T run(WeightChange change) throws E;
}
