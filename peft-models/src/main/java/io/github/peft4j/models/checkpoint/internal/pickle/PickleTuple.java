package io.github.peft4j.models.checkpoint.internal.pickle;

import java.util.List;

/**
 * A tuple on the unpickler's stack. Compared by identity on purpose: a hostile pickle nests one tuple in itself so often that
 * walking it never ends.
 */
final class PickleTuple {

    private final List<Object> items;

    PickleTuple(List<Object> items) {
        this.items = items;
    }

    List<Object> items() {
        return items;
    }
}
