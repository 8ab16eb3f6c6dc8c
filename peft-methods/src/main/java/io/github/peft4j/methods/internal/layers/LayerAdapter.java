package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An adapter of parts that sit at single layers: wrappers, layers and biases that are trained besides, what else is saved with them. */
public final class LayerAdapter implements Adapter {

    private final Model<?> model;
    private final PeftConfig config;
    private final List<AdapterPart> parts;
    private final Adapter.@Nullable Mergeable mergeable;
    private boolean enabled = true;

    LayerAdapter(Model<?> model, PeftConfig config, List<AdapterPart> parts, Adapter.@Nullable Mergeable mergeable) {
        this.model = model;
        this.config = config;
        this.parts = parts;
        this.mergeable = mergeable;
        refreshMerged(paths());
    }

    @Override
    public PeftConfig config() {
        return config;
    }

    @Override
    public Map<String, Weight> parameters() {
        return ofParts(AdapterPart::parameters);
    }

    @Override
    public Map<String, String> aliases() {
        return ofParts(AdapterPart::aliases);
    }

    @Override
    public Map<String, Weight> trainable() {
        return ofParts(AdapterPart::trainable);
    }

    /** What all parts have, by key. */
    private <V> Map<String, V> ofParts(Function<AdapterPart, Map<String, V>> what) {
        Map<String, V> all = new LinkedHashMap<>();
        parts.forEach(part -> all.putAll(what.apply(part)));
        return all;
    }

    @Override
    public void afterLoad() {
        parts.forEach(AdapterPart::afterLoad);
    }

    @Override
    public void setEnabled(boolean on) {
        enabled = on;
        parts.forEach(part -> part.setEnabled(on));
        refreshMerged(paths());
    }

    /** Where the adapter changes the model. */
    private Set<String> paths() {
        Set<String> paths = new LinkedHashSet<>();
        parts.forEach(part -> paths.addAll(part.paths()));
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
        if (mergeable != null) {
            mergeable.unmerge();
        }
        Set<String> paths = paths();
        AdapterParts.removeAll(parts);
        refreshMerged(paths);
    }

    @Override
    public Optional<Adapter.Mergeable> mergeable() {
        return Optional.ofNullable(mergeable);
    }
}
