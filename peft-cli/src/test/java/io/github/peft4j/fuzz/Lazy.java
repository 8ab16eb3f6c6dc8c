package io.github.peft4j.fuzz;

import org.jspecify.annotations.Nullable;

/** Something that takes time to make, and is made when it is first needed. */
final class Lazy<T> {

    private final Making<T> making;
    private @Nullable T made;

    Lazy(Making<T> making) {
        this.making = making;
    }

    /** Makes it. */
    @FunctionalInterface
    interface Making<T> {
        T make() throws Exception;
    }

    T get() throws Exception {
        T value = made;
        if (value == null) {
            value = making.make();
            made = value;
        }
        return value;
    }
}
