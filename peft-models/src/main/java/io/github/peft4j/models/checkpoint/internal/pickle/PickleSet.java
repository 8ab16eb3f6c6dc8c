package io.github.peft4j.models.checkpoint.internal.pickle;

import java.util.LinkedHashSet;
import java.util.Set;

/** A set or frozenset of scalars on the unpickler's stack. Compared by identity, see {@link PickleTuple}. */
final class PickleSet {

    private final Set<Object> items = new LinkedHashSet<>(4);

    Set<Object> items() {
        return items;
    }
}
