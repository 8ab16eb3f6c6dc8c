package io.github.peft4j.methods.lora;

import io.github.peft4j.core.Adapter;
import io.github.peft4j.core.Mergeable;
import io.github.peft4j.core.Swappable;
import io.github.peft4j.methods.layers.AdaptedLayers;
import io.github.peft4j.methods.layers.LayerAdapter;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One LoRA adapter in a model: an adapter of layers whose updates can also be combined, swapped and chosen row by row. */
final class LoraAdapter implements Adapter {

    private final Scope scope;
    private final LoraConfig config;
    private final AdaptedLayers layers;
    private final LayerAdapter adapter;

    /**
     * An adapter that is in the model.
     *
     * @param layers those of the adapter's parts that hold its updates
     */
    LoraAdapter(Scope scope, LoraConfig config, AdaptedLayers layers, LayerAdapter adapter) {
        this.scope = scope;
        this.config = config;
        this.layers = layers;
        this.adapter = adapter;
    }

    /** The wrappers of each layer, inner ones first. */
    Map<String, List<LoraLayer>> updates() {
        Map<String, List<LoraLayer>> updates = new LinkedHashMap<>();
        layers.byPath()
                .forEach((path, wrappers) -> updates.put(
                        path, wrappers.stream().map(LoraLayer.class::cast).toList()));
        return updates;
    }

    /** Layers and biases that are trained whole, by key. */
    Map<String, Weight> wholeWeights() {
        Map<String, Weight> weights = new LinkedHashMap<>(adapter.trainable());
        weights.keySet().removeAll(layers.parameters().keySet());
        return weights;
    }

    @Override
    public Optional<Swappable> swappable() {
        Map<String, Weight> others = new LinkedHashMap<>(adapter.parameters());
        others.keySet().removeAll(layers.parameters().keySet());
        return Optional.of(new LoraSwap(scope, config, updates(), others));
    }

    /** DoRA needs the norm of the weight that is in use, which is not the same in all rows where adapters train copies. */
    @Override
    public Optional<Collection<? extends Module>> rowModules() {
        return config.useDora()
                ? Optional.empty()
                : Optional.of(
                        layers.byPath().values().stream().flatMap(List::stream).toList());
    }

    // ---- as any adapter of layers

    @Override
    public LoraConfig config() {
        return config;
    }

    @Override
    public Map<String, Weight> parameters() {
        return adapter.parameters();
    }

    @Override
    public Map<String, Weight> trainable() {
        Map<String, Weight> trainable = new LinkedHashMap<>(adapter.trainable());
        if (LoraInitialization.of(config.initLoraWeights()).freezesB()) {
            updates()
                    .values()
                    .forEach(wrappers -> wrappers.forEach(
                            layer -> trainable.values().remove(layer.update().b())));
        }
        return trainable;
    }

    @Override
    public Set<String> takesFromBase() {
        return LoraInitialization.of(config.initLoraWeights()).takesFromBase() ? layers.paths() : Set.of();
    }

    @Override
    public void afterLoad() {
        adapter.afterLoad();
    }

    @Override
    public void setEnabled(boolean enabled) {
        adapter.setEnabled(enabled);
    }

    @Override
    public boolean isEnabled() {
        return adapter.isEnabled();
    }

    @Override
    public void remove() {
        adapter.remove();
    }

    @Override
    public Optional<Mergeable> mergeable() {
        return adapter.mergeable();
    }
}
