package io.github.peft4j.core.internal.held;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RowSelection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which adapter each row of a batch uses, by name. */
public final class RowAdapters {

    /** What stands in the place of an adapter's name for the model without adapters. */
    public static final String BASE = "__base__";

    private RowAdapters() {}

    /** What rows that choose so are to be computed with. */
    public static RowSelection select(Model<?> model, HeldAdapters adapters, List<String> names) {
        try (Lease pass = model.leases().pass()) {
            return select(adapters, names);
        }
    }

    private static RowSelection select(HeldAdapters adapters, List<String> names) {
        Set<String> unknown = new TreeSet<>(names);
        unknown.remove(BASE);
        unknown.removeAll(adapters.names());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("Trying to infer with non-existing adapter(s): "
                    + String.join(", ", unknown) + "; there are " + adapters.names() + " and " + BASE);
        }
        requireUnmerged(adapters);
        Set<HeldAdapter> concerned = new LinkedHashSet<>(adapters.active());
        names.stream().filter(name -> !name.equals(BASE)).map(adapters::get).forEach(concerned::add);
        concerned.forEach(RowAdapters::modules);
        requireOneVocabulary(adapters, names);
        List<Collection<Module>> rows = new ArrayList<>();
        for (String name : names) {
            rows.add(name.equals(BASE) ? List.of() : modules(adapters.get(name)));
        }
        return RowSelection.of(rows);
    }

    private static void requireUnmerged(HeldAdapters adapters) {
        List<String> merged = adapters.merged().stream().map(HeldAdapter::name).toList();
        if (!merged.isEmpty()) {
            throw new IllegalStateException("Cannot pass `adapter_names` when there are merged adapters, please call"
                    + " unmerge() first: " + merged + " are in the weights, which all rows share");
        }
    }

    /** Tables of two sizes cannot be looked up, or multiplied with, in one pass. */
    private static void requireOneVocabulary(HeldAdapters adapters, List<String> names) {
        for (String name : names) {
            OtherVocabulary vocabulary =
                    name.equals(BASE) ? null : adapters.get(name).carried().vocabulary();
            if (vocabulary != null && names.stream().anyMatch(other -> !other.equals(name))) {
                throw new UnsupportedOperationException("adapter '" + name + "' brings a vocabulary of "
                        + vocabulary.tokens() + " tokens, and cannot be used for some rows of a batch only: run those"
                        + " rows in a batch of their own");
            }
        }
    }

    private static Collection<Module> modules(HeldAdapter held) {
        return held.rowModules()
                .orElseThrow(() -> new UnsupportedOperationException("adapter '" + held.name() + "' of type "
                        + held.adapter().config().peftType() + (held.isActive() ? ", which is active," : "")
                        + " cannot be used for some rows of a batch only: run those rows in a batch of their own"
                        + (held.isActive() ? ", or switch it off with setActive" : "")));
    }
}
