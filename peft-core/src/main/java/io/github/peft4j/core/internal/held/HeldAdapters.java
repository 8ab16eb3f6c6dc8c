package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Wrapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model's adapters by name: which are active and merged, and what may be so together. Whatever changes that has a lease on the model: it
 * waits for passes of other threads, and for texts they generate where those would notice. Safe for concurrent use.
 */
public final class HeldAdapters {

    private static final Logger LOG = LoggerFactory.getLogger(HeldAdapters.class);

    private final Model<?> model;
    /** Never changed but replaced. */
    private volatile Map<String, HeldAdapter> byName = Map.of();

    public HeldAdapters(Model<?> model) {
        this.model = model;
    }

    // ---- coming and going

    /** Checks that an adapter may have a name. */
    void requireNew(String name) {
        if (name.equals(RowAdapters.BASE)) {
            throw new IllegalArgumentException(
                    "an adapter cannot be named \"" + name + "\", which stands for none where rows choose");
        }
        if (byName.containsKey(name)) {
            throw new IllegalArgumentException("Adapter with name '" + name + "' already exists.");
        }
    }

    /**
     * An adapter that was just attached, with what it put into the model; it is not in the list yet.
     *
     * @param carried what came with it, and is not its doing
     * @param folder that it was read from, or null
     */
    HeldAdapter justAttached(String name, Adapter adapter, CarriedWeights carried, @Nullable Path folder) {
        Map<String, Substitute> copies = new LinkedHashMap<>();
        BaseModules.of(model).outermostByPath().forEach((path, outermost) -> {
            for (Module inner = outermost; inner instanceof Wrapper; inner = BaseModules.under((Wrapper) inner)) {
                if (inner instanceof Substitute substitute
                        && !isOfAnother(substitute)
                        && !carried.substitutes().containsValue(substitute)) {
                    copies.put(path, substitute);
                }
            }
        });
        return new HeldAdapter(name, adapter, copies, carried, folder);
    }

    private boolean isOfAnother(Substitute substitute) {
        return byName.values().stream().anyMatch(held -> held.substitutes().containsValue(substitute));
    }

    /** Takes an adapter into the list, frozen; active if it is the only one. */
    void hold(HeldAdapter held) {
        held.freeze();
        held.setActive(byName.isEmpty());
        Map<String, HeldAdapter> more = new LinkedHashMap<>(byName);
        more.put(held.name(), held);
        byName = more;
    }

    /** What puts an adapter into the model. */
    interface Adding<E extends Exception> {
        void run() throws E;
    }

    /**
     * Lets an adapter arrive on the model as it is without the others' vocabularies and without merged adapters, which go back if that
     * fails.
     */
    <E extends Exception> void adding(String name, Adding<E> action) throws E {
        // Beside others that are not merged it changes no result.
        try (Lease change = model.leases().change(choice -> byName.isEmpty() || !merged().isEmpty())) {
            requireNew(name);
            List<HeldAdapter> merged = merged();
            unmergeWithWarning("an adapter is added");
            List<HeldAdapter> ofOtherVocabularies = active().stream()
                    .filter(held -> held.carried().vocabulary() != null)
                    .toList();
            ofOtherVocabularies.forEach(held -> held.carried().use(false));
            boolean complete = false;
            try {
                action.run();
                complete = true;
            } finally {
                ofOtherVocabularies.forEach(held -> held.carried().use(true));
                if (!complete) {
                    merged.forEach(HeldAdapter::merge);
                }
            }
        }
    }

    /** A lease to change what one adapter does, or to take it out. */
    Lease changing(HeldAdapter held) {
        return model.leases().change(choice -> isUsed(held, choice));
    }

    private static boolean isUsed(HeldAdapter held, @Nullable Object choice) {
        return choice instanceof RowSelection rows
                ? held.rowModules().filter(rows::namesAny).isPresent()
                : held.isActive();
    }

    public void delete(String name) {
        try (Lease change = changing(get(name))) {
            HeldAdapter held = get(name);
            if (held.isMerged()) {
                throw new IllegalStateException(
                        "Cannot delete adapter(s) ['" + name + "'] while they are merged. Please unmerge them first.");
            }
            boolean wasActive = held.isActive();
            Map<String, HeldAdapter> fewer = new LinkedHashMap<>(byName);
            fewer.remove(name);
            byName = fewer;
            held.remove();
            if (wasActive && !fewer.isEmpty() && active().isEmpty()) {
                String next = names().get(0);
                LOG.warn("Adapter {} was active which is now deleted. Setting active adapter to {}.", name, next);
                setActive(List.of(next));
            }
        }
    }

    public void deleteAll() {
        try (Lease change = model.leases().change()) {
            unmerge();
            reversed().forEach(HeldAdapter::remove);
            byName = Map.of();
        }
    }

    // ---- asking

    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    public List<HeldAdapter> all() {
        return List.copyOf(byName.values());
    }

    private List<HeldAdapter> reversed() {
        List<HeldAdapter> reverse = new ArrayList<>(byName.values());
        Collections.reverse(reverse);
        return reverse;
    }

    public HeldAdapter get(String name) {
        HeldAdapter held = byName.get(name);
        if (held == null) {
            throw new IllegalArgumentException("Adapter " + name + " does not exist; there are " + byName.keySet());
        }
        return held;
    }

    public List<HeldAdapter> active() {
        return byName.values().stream().filter(HeldAdapter::isActive).toList();
    }

    List<HeldAdapter> merged() {
        return byName.values().stream().filter(HeldAdapter::isMerged).toList();
    }

    /**
     * The folder of the tokenizer that goes with the active adapters: that of the one that was saved with one, or brought a vocabulary with
     * it; null for the base model's.
     */
    public @Nullable Path tokenizer() {
        List<HeldAdapter> own =
                active().stream().filter(held -> held.tokenizer() != null).toList();
        List<HeldAdapter> vocabularies =
                own.stream().filter(held -> held.carried().vocabulary() != null).toList();
        List<HeldAdapter> candidates = vocabularies.isEmpty() ? own : vocabularies;
        return candidates.size() == 1 ? candidates.get(0).tokenizer() : null;
    }

    public void setTokenizer(String name, Path folder) {
        try (Lease change = changing(get(name))) {
            HeldAdapter held = get(name);
            Map<String, HeldAdapter> changed = new LinkedHashMap<>(byName);
            changed.put(name, new HeldAdapter(name, held.adapter(), held.copies(), held.carried(), folder));
            byName = changed;
        }
    }

    // ---- switching

    public void setActive(List<String> names) {
        try (Lease change = model.leases().change()) {
            Set<String> wanted = new LinkedHashSet<>(names);
            new ActiveTogether(model, wanted.stream().map(this::get).toList()).require();
            unmergeWithWarning("other adapters are set");
            byName.forEach((name, held) -> held.setActive(wanted.contains(name)));
        }
    }

    public <T> T without(Supplier<T> action) {
        try (Lease change = model.leases().change()) {
            List<HeldAdapter> active = active();
            List<HeldAdapter> merged = merged();
            unmerge();
            active.forEach(held -> held.setActive(false));
            try {
                return action.get();
            } finally {
                active.forEach(held -> held.setActive(true));
                merged.forEach(HeldAdapter::merge);
            }
        }
    }

    // ---- merging

    /** Makes exactly these adapters active and merges them; on failure all is as before. */
    public WeightChange merge(List<String> names) {
        try (Lease lease = model.leases().change()) {
            List<HeldAdapter> before = active();
            List<HeldAdapter> merged = merged();
            Merging.requireMergeable(names.stream().map(this::get).toList());
            setActive(names);
            boolean complete = false;
            try {
                WeightChange change = merge();
                complete = true;
                return change;
            } finally {
                if (!complete) {
                    setActive(before.stream().map(HeldAdapter::name).toList());
                    merged.forEach(HeldAdapter::merge);
                }
            }
        }
    }

    public WeightChange merge() {
        try (Lease change = model.leases().change()) {
            List<HeldAdapter> active = active();
            Merging.requireMergeable(active);
            List<HeldAdapter> open =
                    active.stream().filter(held -> !held.isMerged()).toList();
            if (open.isEmpty()) {
                LOG.warn("All adapters are already merged, nothing to do.");
                return WeightChange.NONE;
            }
            return Merging.all(open);
        }
    }

    /** Runs something with exactly the active adapters merged, given what that changed; then merges as before. */
    public <T, E extends Exception> T merging(WhileMerged<T, E> action) throws E {
        try (Lease change = model.leases().change()) {
            List<HeldAdapter> before = merged();
            // What is merged already is merged anew, since the change told is that of all.
            unmerge();
            try {
                return action.run(active().isEmpty() ? WeightChange.NONE : merge());
            } finally {
                unmerge();
                before.forEach(HeldAdapter::merge);
            }
        }
    }

    public void unmerge() {
        try (Lease change = model.leases().change()) {
            reversed().forEach(HeldAdapter::unmerge);
        }
    }

    private void unmergeWithWarning(String occasion) {
        if (!merged().isEmpty()) {
            LOG.warn("Adapters are merged while {}. Unmerging the model first.", occasion);
            unmerge();
        }
    }
}
