package io.github.peft4j.methods.lora;

import io.github.peft4j.core.Adapter;
import io.github.peft4j.core.BaseModules;
import io.github.peft4j.core.Mergeable;
import io.github.peft4j.core.ModulesToSave;
import io.github.peft4j.core.Swappable;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One LoRA adapter in a model: its wrappers, the layers and biases it trains besides, and what else is saved with them. */
final class LoraAdapter implements Adapter {

    private final Model model;
    private final LoraConfig config;
    private final AdaptedLayers layers;
    private final ModulesToSave whole;
    private final TrainedBiases biases;
    private final BiasesOfWholeLayers besides;
    private final LoraMerge merge;
    private boolean enabled = true;

    /**
     * An adapter of parts that are in the model.
     *
     * @param name for messages
     */
    LoraAdapter(
            Model model,
            String name,
            LoraConfig config,
            AdaptedLayers layers,
            ModulesToSave whole,
            TrainedBiases biases,
            BiasesOfWholeLayers besides) {
        this.model = model;
        this.config = config;
        this.layers = layers;
        this.whole = whole;
        this.biases = biases;
        this.besides = besides;
        this.merge = new LoraMerge(model, name, layers.byPath());
        refreshMerged(paths());
    }

    @Override
    public LoraConfig config() {
        return config;
    }

    @Override
    public Map<String, Weight> parameters() {
        Map<String, Weight> parameters = trainable();
        parameters.putAll(besides.parameters());
        return parameters;
    }

    @Override
    public Map<String, Weight> trainable() {
        Map<String, Weight> trainable = new LinkedHashMap<>();
        layers.byPath()
                .forEach((path, wrappers) -> wrappers.forEach(wrapper -> wrapper.parameters()
                        .forEach((name, weight) -> trainable.put(KEY_PREFIX + path + "." + name, weight))));
        trainable.putAll(biases.parameters());
        trainable.putAll(whole.parameters());
        return trainable;
    }

    /** The wrappers of each layer, inner ones first. */
    Map<String, List<LoraLayer>> updates() {
        return layers.byPath();
    }

    /** What is trained whole, by key. */
    Map<String, Weight> wholeWeights() {
        Map<String, Weight> weights = biases.parameters();
        weights.putAll(whole.parameters());
        return weights;
    }

    @Override
    public Optional<Swappable> swappable() {
        Map<String, Weight> others = wholeWeights();
        others.putAll(besides.parameters());
        return Optional.of(new LoraSwap(model.scope(), config, layers.byPath(), others));
    }

    /** DoRA needs the norm of the weight that is in use, which is not the same in all rows where adapters train copies. */
    @Override
    public Optional<Collection<? extends Module>> rowModules() {
        return config.useDora()
                ? Optional.empty()
                : Optional.of(
                        layers.byPath().values().stream().flatMap(List::stream).toList());
    }

    @Override
    public void setEnabled(boolean on) {
        enabled = on;
        layers.setEnabled(on);
        whole.setEnabled(on);
        biases.setEnabled(on);
        refreshMerged(paths());
    }

    /** Where the adapter changes the model. */
    private Set<String> paths() {
        Set<String> paths = new LinkedHashSet<>(layers.byPath().keySet());
        paths.addAll(whole.copies().keySet());
        paths.addAll(biases.paths());
        return paths;
    }

    /** What other adapters have merged there may or may not be used now. */
    private void refreshMerged(Set<String> paths) {
        BaseModules modules = BaseModules.of(model);
        paths.forEach(path -> MergedLayer.refresh(modules, path));
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void remove() {
        merge.unmerge();
        Set<String> paths = paths();
        besides.free();
        biases.remove();
        whole.remove();
        layers.remove();
        refreshMerged(paths);
    }

    @Override
    public Optional<Mergeable> mergeable() {
        return Optional.of(merge);
    }
}
