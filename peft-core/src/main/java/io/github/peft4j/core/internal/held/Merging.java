package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.method.WeightChange;
import java.util.ArrayList;
import java.util.List;

/** Merging of several adapters into the base model's weights: all of them or none. */
final class Merging {

    private Merging() {}

    static void requireMergeable(List<HeldAdapter> adapters) {
        for (HeldAdapter held : adapters) {
            if (held.adapter().mergeable().isEmpty()) {
                throw new UnsupportedOperationException("adapter '" + held.name() + "' of type "
                        + held.adapter().config().peftType() + " cannot be merged into the base model's weights");
            }
        }
    }

    /** Merges adapters that are not; on failure none is. */
    static WeightChange all(List<HeldAdapter> open) {
        List<HeldAdapter> done = new ArrayList<>();
        WeightChange change = WeightChange.NONE;
        boolean complete = false;
        try {
            for (HeldAdapter held : open) {
                change = change.and(held.merge());
                done.add(0, held);
            }
            complete = true;
        } finally {
            if (!complete) {
                done.forEach(HeldAdapter::unmerge);
            }
        }
        return change;
    }
}
