package io.github.peft4j.methods.internal.layers;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Merges an adapter into its layers' weights and takes it out again, in any order with other adapters. While merged, the adapted layers'
 * weights are held twice.
 */
public final class LayerMerge implements Adapter.Mergeable {

    private final Model<?> model;
    private final String adapterName;
    private final Map<String, List<AdaptedLayer>> layers;
    private boolean merged;

    /** Merges these layers, named by path; each with its wrappers, inner ones first. */
    public LayerMerge(Model<?> model, String adapterName, Map<String, List<AdaptedLayer>> layers) {
        this.model = model;
        this.adapterName = adapterName;
        this.layers = layers;
    }

    @Override
    public boolean isMerged() {
        return merged;
    }

    @Override
    public WeightChange merge() {
        if (merged) {
            return WeightChange.NONE;
        }
        BaseModules modules = BaseModules.of(model);
        List<MergedLayer.Prepared> prepared = new ArrayList<>();
        boolean complete = false;
        try {
            layers.forEach((path, owners) -> prepare(modules, path, owners, prepared));
            complete = true;
        } finally {
            if (!complete) {
                prepared.forEach(MergedLayer.Prepared::discard);
            }
        }
        prepared.forEach(layer -> layer.install(modules));
        merged = true;
        return prepared.stream().map(MergedLayer.Prepared::change).reduce(WeightChange.NONE, WeightChange::and);
    }

    private void prepare(
            BaseModules modules, String path, List<AdaptedLayer> owners, List<MergedLayer.Prepared> prepared) {
        MergedLayer.Prepared layer = MergedLayer.prepare(modules, adapterName, path, owners);
        for (MergedLayer.Prepared other : prepared) {
            layer = layer.sharing(other);
        }
        prepared.add(layer);
    }

    @Override
    public void unmerge() {
        if (!merged) {
            return;
        }
        BaseModules modules = BaseModules.of(model);
        layers.forEach((path, owners) -> MergedLayer.remove(modules, adapterName, path, owners));
        merged = false;
    }
}
