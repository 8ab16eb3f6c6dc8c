package io.github.peft4j.models;

import io.github.peft4j.models.nn.Forward;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The changes to a model's inputs, in the order in which they were added. Safe for concurrent use. */
final class InputTransforms {

    private final List<Model.InputTransform> all = new CopyOnWriteArrayList<>();

    void add(Model.InputTransform transform) {
        all.add(transform);
    }

    void remove(Model.InputTransform transform) {
        all.remove(transform);
    }

    /** The virtual tokens that all of them put before every row. */
    int virtualTokens() {
        return all.stream().mapToInt(Model.InputTransform::virtualTokens).sum();
    }

    /**
     * The input after all changes.
     *
     * @throws IllegalStateException if they do not put as many virtual tokens before rows as they say
     */
    ModelInput apply(Forward context, ModelInput input) {
        ModelInput changed = input;
        for (Model.InputTransform transform : all) {
            changed = transform.apply(context, changed);
        }
        int expected = input.virtualTokenCount() + virtualTokens();
        if (changed.virtualTokenCount() != expected) {
            throw new IllegalStateException("the changes to inputs were to give " + expected
                    + " virtual tokens before each row, but gave " + changed.virtualTokenCount());
        }
        return changed;
    }
}
