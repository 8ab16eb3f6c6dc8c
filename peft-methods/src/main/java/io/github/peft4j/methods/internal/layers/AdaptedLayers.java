package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** One adapter's wrappers around a model's layers. */
public final class AdaptedLayers implements AdapterPart {

    private final BaseModules modules;
    private final Map<String, List<AdaptedLayer>> byPath = new LinkedHashMap<>();
    private final List<Runnable> whenLoaded = new ArrayList<>();

    private AdaptedLayers(Model<?> model) {
        this.modules = BaseModules.of(model);
    }

    /**
     * Wraps layers; on failure the model is as before.
     *
     * @param wrapping calls {@link #wrap} for each layer
     */
    public static AdaptedLayers attach(Model<?> model, Consumer<AdaptedLayers> wrapping) {
        AdaptedLayers layers = new AdaptedLayers(model);
        boolean complete = false;
        try {
            wrapping.accept(layers);
            complete = true;
        } finally {
            if (!complete) {
                layers.remove();
            }
        }
        return layers;
    }

    /**
     * Puts a wrapper around all that stands at a path.
     *
     * @param wrapper given what stands there, returns the wrapper; its weights are freed with it
     */
    public void wrap(String path, Function<Module, AdaptedLayer> wrapper) {
        modules.wrap(path, module -> {
            AdaptedLayer layer = wrapper.apply(module);
            byPath.computeIfAbsent(path, p -> new ArrayList<>()).add(layer);
            return layer;
        });
    }

    /** Puts off work until saved values are found to fit and are loaded. */
    public void whenLoaded(Runnable work) {
        whenLoaded.add(work);
    }

    @Override
    public void afterLoad() {
        whenLoaded.forEach(Runnable::run);
        whenLoaded.clear();
    }

    /** The wrappers of each layer, inner ones first. */
    public Map<String, List<AdaptedLayer>> byPath() {
        return Collections.unmodifiableMap(byPath);
    }

    /** The wrappers that several parts of one adapter put around each layer; those of earlier parts stand inside. */
    public static Map<String, List<AdaptedLayer>> byPath(List<AdaptedLayers> parts) {
        Map<String, List<AdaptedLayer>> all = new LinkedHashMap<>();
        parts.forEach(part -> part.byPath.forEach((path, wrappers) ->
                all.computeIfAbsent(path, p -> new ArrayList<>()).addAll(wrappers)));
        return all;
    }

    @Override
    public Map<String, Weight> parameters() {
        Map<String, Weight> parameters = new LinkedHashMap<>();
        byPath.forEach((path, wrappers) -> wrappers.forEach(wrapper -> wrapper.parameters()
                .forEach((name, weight) -> parameters.put(Adapter.KEY_PREFIX + path + "." + name, weight))));
        return parameters;
    }

    /** The saved weights, those that stand under several keys once. */
    @Override
    public Map<String, Weight> trainable() {
        return AdapterPart.once(parameters());
    }

    @Override
    public Set<String> paths() {
        return byPath.keySet();
    }

    @Override
    public void setEnabled(boolean enabled) {
        byPath.values().forEach(wrappers -> wrappers.forEach(wrapper -> wrapper.setEnabled(enabled)));
    }

    @Override
    public void remove() {
        byPath.forEach((path, wrappers) -> wrappers.forEach(wrapper -> {
            modules.unwrap(path, wrapper);
            wrapper.free();
        }));
        byPath.clear();
    }
}
