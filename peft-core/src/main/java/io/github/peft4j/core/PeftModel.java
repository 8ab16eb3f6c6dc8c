package io.github.peft4j.core;

import io.github.peft4j.core.store.AdapterStore;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A base model with named adapters. The base is frozen; of the adapters some are active, and what is trained is theirs alone.
 *
 * <p>The adapters sit in the base model itself: {@link #model} computes with the active ones. Closing the base model frees everything.
 * Not safe for concurrent use.
 */
public final class PeftModel {

    private final Model model;
    private final PeftMethods methods;
    private final Map<String, Adapter> adapters = new LinkedHashMap<>();

    private PeftModel(Model model, PeftMethods methods) {
        this.model = model;
        this.methods = methods;
        model.freeze();
    }

    /** A model with one new trainable adapter named {@code default}, with random initial values of seed 0. */
    public static PeftModel attach(Model base, PeftConfig config) {
        return attach(base, config, AttachContext.of(0));
    }

    /** A model with one new trainable adapter. */
    public static PeftModel attach(Model base, PeftConfig config, AttachContext context) {
        PeftModel peft = new PeftModel(base, PeftMethods.discovered());
        peft.add(config, context);
        peft.setTrainable(context.adapterName());
        return peft;
    }

    /**
     * A model with a saved adapter, frozen; {@link #setTrainable} to go on training it.
     *
     * @param directory an adapter folder as Hugging Face PEFT saves it
     * @throws IOException if files are missing or damaged, or the adapter does not fit the model: all that differs in one message
     */
    public static PeftModel load(Model base, Path directory) throws IOException {
        PeftModel peft = new PeftModel(base, PeftMethods.discovered());
        peft.load(directory, AttachContext.DEFAULT_NAME);
        return peft;
    }

    /**
     * Adds a new adapter beside those there are; it is active and frozen.
     *
     * @throws IllegalArgumentException if the name is taken or the config does not fit the model
     */
    public void add(PeftConfig config, AttachContext context) {
        requireNew(context.adapterName());
        adapters.put(context.adapterName(), attach(methods.byType(config.peftType()), config, context));
    }

    @SuppressWarnings("unchecked")
    private <C extends PeftConfig> Adapter attach(PeftMethod<C> method, PeftConfig config, AttachContext context) {
        return method.attach(model, (C) config, context);
    }

    /** Adds a saved adapter; it is active and frozen. */
    public void load(Path directory, String name) throws IOException {
        requireNew(name);
        try (AdapterStore.Saved saved = AdapterStore.open(directory, methods)) {
            Adapter adapter = attach(
                    methods.byType(saved.config().peftType()), saved.config(), new AttachContext(name, 0, false));
            boolean loaded = false;
            try {
                saved.loadInto(adapter.parameters());
                adapter.afterLoad();
                loaded = true;
            } finally {
                if (!loaded) {
                    adapter.remove();
                }
            }
            adapters.put(name, adapter);
        }
    }

    private void requireNew(String name) {
        if (adapters.containsKey(name)) {
            throw new IllegalArgumentException("Adapter with name '" + name + "' already exists.");
        }
    }

    /** The model that computes with the active adapters. */
    public Model model() {
        return model;
    }

    /** Names of the adapters in the order they were added. */
    public List<String> names() {
        return List.copyOf(adapters.keySet());
    }

    /**
     * An adapter by name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Adapter adapter(String name) {
        Adapter adapter = adapters.get(name);
        if (adapter == null) {
            throw new IllegalArgumentException("Adapter " + name + " does not exist; there are " + adapters.keySet());
        }
        return adapter;
    }

    /** The only adapter, or the one named {@code default}. */
    public Adapter adapter() {
        return adapters.size() == 1 ? adapters.values().iterator().next() : adapter(AttachContext.DEFAULT_NAME);
    }

    /** Makes exactly these adapters active; none for the base model's own output. */
    public void setActive(String... names) {
        Set<String> wanted = Set.of(names);
        wanted.forEach(this::adapter);
        adapters.forEach((name, adapter) -> adapter.setEnabled(wanted.contains(name)));
    }

    /** Makes exactly these adapters' parameters trainable, and no other weight of the model. */
    public void setTrainable(String... names) {
        model.freeze();
        for (String name : names) {
            adapter(name).trainable().values().forEach(weight -> weight.setTrainable(true));
        }
    }

    /** Runs something on the base model alone; afterwards the same adapters are active as before. */
    public void withoutAdapters(Runnable action) {
        List<Adapter> active =
                adapters.values().stream().filter(Adapter::isEnabled).toList();
        active.forEach(adapter -> adapter.setEnabled(false));
        try {
            action.run();
        } finally {
            active.forEach(adapter -> adapter.setEnabled(true));
        }
    }

    /** Takes an adapter out of the model. */
    public void delete(String name) {
        Adapter adapter = adapter(name);
        adapter.mergeable().filter(Mergeable::isMerged).ifPresent(m -> {
            throw new IllegalStateException(
                    "Cannot delete adapter(s) ['" + name + "'] while they are merged. Please unmerge them first.");
        });
        adapters.remove(name);
        adapter.remove();
    }

    /**
     * Merges all active adapters into the weights.
     *
     * @return the largest absolute change of any weight
     * @throws UnsupportedOperationException if one of them cannot be merged; nothing is changed then
     */
    public double merge() {
        List<Map.Entry<String, Adapter>> active = adapters.entrySet().stream()
                .filter(e -> e.getValue().isEnabled())
                .toList();
        for (Map.Entry<String, Adapter> entry : active) {
            if (entry.getValue().mergeable().isEmpty()) {
                throw new UnsupportedOperationException("adapter '" + entry.getKey() + "' of type "
                        + entry.getValue().config().peftType() + " cannot be merged into the base model's weights");
            }
        }
        double largest = 0;
        for (Map.Entry<String, Adapter> entry : active) {
            largest =
                    Math.max(largest, entry.getValue().mergeable().orElseThrow().merge());
        }
        return largest;
    }

    /** Takes all merged adapters out of the weights again, the last merged first. */
    public void unmerge() {
        List<Adapter> reverse = new java.util.ArrayList<>(adapters.values());
        Collections.reverse(reverse);
        reverse.forEach(
                adapter -> adapter.mergeable().filter(Mergeable::isMerged).ifPresent(Mergeable::unmerge));
    }

    /** Counts parameters as Hugging Face PEFT prints them. */
    public ParameterReport parameterReport() {
        Set<Weight> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        long all = 0;
        long trainable = 0;
        for (Weight weight : model.weightsByPath().values()) {
            if (seen.add(weight)) {
                all += weight.size();
                trainable += weight.trainable() ? weight.size() : 0;
            }
        }
        return new ParameterReport(trainable, all);
    }

    /**
     * Saves the adapters as Hugging Face PEFT lays them out: {@code default} in the folder itself, others in folders of their names.
     */
    public void save(Path directory) throws IOException {
        for (Map.Entry<String, Adapter> entry : adapters.entrySet()) {
            entry.getValue().beforeSave();
            AdapterStore.write(directory, entry.getKey(), entry.getValue(), model.anatomy());
        }
    }
}
