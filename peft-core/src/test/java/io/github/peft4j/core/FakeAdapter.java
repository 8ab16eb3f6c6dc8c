package io.github.peft4j.core;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.internal.trained.TrainedCopy;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Layers with factors and trained copies. */
public final class FakeAdapter implements Adapter, Adapter.Mergeable {

    private final BaseModules modules;
    private final FakeConfig config;
    private final Map<String, FakeLayer> layers;
    private final Map<String, TrainedCopy> copies;
    private final Map<Weight, NDArray> before = new LinkedHashMap<>();
    private boolean enabled = true;
    private boolean merged;
    public boolean canMerge = true;
    int saves;
    int loads;
    RuntimeException failure;
    Weight kept;
    boolean keptIsMissing;
    Set<String> alone = Set.of();

    FakeAdapter(
            BaseModules modules, FakeConfig config, Map<String, FakeLayer> layers, Map<String, TrainedCopy> copies) {
        this.modules = modules;
        this.config = config;
        this.layers = layers;
        this.copies = copies;
    }

    @Override
    public FakeConfig config() {
        return config;
    }

    @Override
    public Map<String, Weight> parameters() {
        Map<String, Weight> parameters = new LinkedHashMap<>();
        layers.forEach((path, layer) -> parameters.put(KEY_PREFIX + path + ".fake_factor", layer.factor()));
        copies.forEach((path, copy) ->
                copy.weights().forEach((name, weight) -> parameters.put(KEY_PREFIX + path + "." + name, weight)));
        return parameters;
    }

    @Override
    public void beforeSave() {
        saves++;
    }

    @Override
    public void afterLoad() {
        loads++;
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public Optional<Sidecar> sidecar() {
        return kept == null
                ? Optional.empty()
                : Optional.of(Sidecar.of("kept.safetensors", keptIsMissing ? Map.of() : Map.of("kept", kept)));
    }

    @Override
    public void besideIsMissing() {
        keptIsMissing = true;
    }

    @Override
    public Set<String> takesAlone() {
        return alone;
    }

    @Override
    public void setEnabled(boolean on) {
        enabled = on;
        layers.values().forEach(layer -> layer.on = on);
        copies.values().forEach(copy -> copy.use(on));
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void remove() {
        if (kept != null) {
            kept.array().close();
        }
        layers.forEach((path, layer) -> {
            modules.unwrap(path, layer);
            layer.factor().array().close();
        });
        copies.forEach((path, copy) -> {
            modules.unwrap(path, copy);
            copy.free();
        });
    }

    @Override
    public Optional<Adapter.Mergeable> mergeable() {
        return canMerge ? Optional.of(this) : Optional.empty();
    }

    @Override
    public WeightChange merge() {
        WeightChange all =
                copies.values().stream().map(TrainedCopy::change).reduce(WeightChange.NONE, WeightChange::and);
        for (FakeLayer layer : layers.values()) {
            Weight weight = layer.baseWeight();
            Kernels k = weight.scope().kernels();
            boolean linear = Wrapper.innermost(layer) instanceof Linear;
            try (NDArray factor = k.reshape(layer.factor().array(), linear ? new long[] {-1, 1} : new long[] {1, -1});
                    NDArray then = k.cast(weight.array(), Precision.FLOAT32);
                    NDArray now = k.multiply(then, factor);
                    NDArray change = k.subtract(now, then)) {
                if (!k.allFinite(now)) {
                    unmerge();
                    throw new IllegalStateException("NaNs detected in the merged weights.");
                }
                all = all.and(new WeightChange(k.maxAbs(change), 0));
                before.put(weight, weight.swap(k.cast(now, weight.precision())));
                layer.merged = true;
            }
        }
        merged = true;
        return all;
    }

    @Override
    public void unmerge() {
        before.forEach(Weight::restore);
        before.clear();
        layers.values().forEach(layer -> layer.merged = false);
        merged = false;
    }

    @Override
    public boolean isMerged() {
        return merged;
    }
}
