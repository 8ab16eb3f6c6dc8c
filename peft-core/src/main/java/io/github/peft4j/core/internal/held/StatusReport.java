package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds out what adapters do to a model, layer by layer. */
public final class StatusReport {

    private final Model<?> model;
    private final HeldAdapters adapters;
    private final BaseModules modules;
    private final Map<String, Module> outermost;

    private StatusReport(Model<?> model, HeldAdapters adapters) {
        this.model = model;
        this.adapters = adapters;
        this.modules = BaseModules.of(model);
        this.outermost = modules.outermostByPath();
    }

    /** What the adapters of a model are doing now. */
    public static ModelStatus of(Model<?> model, HeldAdapters adapters) {
        try (Lease pass = model.leases().pass()) {
            return new StatusReport(model, adapters).ofModel();
        }
    }

    private ModelStatus ofModel() {
        List<ModelStatus.OfLayer> layers = layers();
        Map<String, String> types = new LinkedHashMap<>();
        adapters.all()
                .forEach(held -> types.put(held.name(), held.adapter().config().peftType()));
        Map<String, ModelStatus.Trained> trained = new TreeMap<>();
        Map<String, Set<String>> devices = new TreeMap<>();
        for (ModelStatus.OfLayer layer : layers) {
            layer.requiresGrad().forEach((name, value) -> trained.merge(name, value, ModelStatus.Trained::and));
            layer.devices()
                    .forEach((name, found) ->
                            devices.computeIfAbsent(name, n -> new TreeSet<>()).addAll(found));
        }
        return new ModelStatus(
                model.anatomy().className(),
                types,
                ParameterCount.of(model, adapters.all()),
                layers.size(),
                !adapters.active().isEmpty(),
                names(adapters.active()),
                sorted(names(adapters.merged())),
                trained,
                sorted(adapters.names()),
                lists(devices),
                adapters.all().stream()
                        .map(held -> AdapterModules.status(held, modules))
                        .toList(),
                layers);
    }

    private List<ModelStatus.OfLayer> layers() {
        Map<String, Map<String, List<Weight>>> weights = new LinkedHashMap<>();
        outermost.keySet().forEach(path -> weights.put(path, new TreeMap<>()));
        for (HeldAdapter held : adapters.all()) {
            Map<String, Weight> all = new LinkedHashMap<>(held.adapter().parameters());
            all.putAll(held.adapter().trainable());
            all.forEach((key, weight) -> weights.computeIfAbsent(
                            AdapterModules.path(key, outermost.keySet()), path -> new TreeMap<>())
                    .computeIfAbsent(held.name(), name -> new ArrayList<>())
                    .add(weight));
        }
        List<ModelStatus.OfLayer> layers = new ArrayList<>();
        weights.forEach((path, byAdapter) -> {
            if (!byAdapter.isEmpty()) {
                layers.add(layer(path, byAdapter));
            }
        });
        return layers;
    }

    private ModelStatus.OfLayer layer(String path, Map<String, List<Weight>> byAdapter) {
        Map<String, ModelStatus.Trained> trained = new TreeMap<>();
        Map<String, Set<String>> devices = new TreeMap<>();
        byAdapter.forEach((name, weights) -> {
            trained.put(
                    name,
                    ModelStatus.Trained.of(
                            weights.stream().anyMatch(Weight::trainable),
                            weights.stream().allMatch(Weight::trainable)));
            weights.forEach(weight -> devices.computeIfAbsent(name, n -> new TreeSet<>())
                    .add(weight.scope().device().isGpu() ? "cuda" : "cpu"));
        });
        List<String> merged =
                names(adapters.merged()).stream().filter(byAdapter::containsKey).toList();
        return new ModelStatus.OfLayer(
                path,
                BaseModules.of(model).base(path).getClass().getSimpleName(),
                !adapters.active().isEmpty(),
                names(adapters.active()),
                merged,
                trained,
                List.copyOf(byAdapter.keySet()),
                lists(devices));
    }

    private static Map<String, List<String>> lists(Map<String, Set<String>> sets) {
        Map<String, List<String>> lists = new TreeMap<>();
        sets.forEach((name, set) -> lists.put(name, List.copyOf(set)));
        return lists;
    }

    private static List<String> names(Collection<HeldAdapter> held) {
        return held.stream().map(HeldAdapter::name).toList();
    }

    private static List<String> sorted(Collection<String> names) {
        return names.stream().sorted().toList();
    }
}
