package io.github.peft4j.models;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What lives as long as a model does, beside its weights. */
final class OwnedResources {

    private final List<AutoCloseable> all = new ArrayList<>();

    void add(AutoCloseable resource) {
        all.add(resource);
    }

    /**
     * Closes all of them, also where some fail.
     *
     * @throws IllegalStateException if some did, with why
     */
    void close() {
        @Nullable IllegalStateException failure = null;
        for (AutoCloseable resource : all) {
            try {
                resource.close();
            } catch (Exception e) {
                failure = failure == null ? new IllegalStateException("could not close all of the model", e) : failure;
                failure.addSuppressed(e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
