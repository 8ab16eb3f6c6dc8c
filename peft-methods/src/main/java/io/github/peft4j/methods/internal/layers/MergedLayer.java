package io.github.peft4j.methods.internal.layers;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.core.method.WeightChange;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * A layer with one adapter's update in its weights, on top of what was merged before. It stands under all adapters' wrappers and is in
 * use exactly as long as its own adapter, those merged before it and the trained copies it was made from are on: otherwise the wrappers
 * add the updates themselves.
 *
 * <p>The layer itself does not change, so that unmerging is exact, and a layer that shares its weight with another, as a tied output
 * layer does, leaves the other alone: Hugging Face PEFT changes both.
 */
final class MergedLayer extends Substitute {

    private final List<AdaptedLayer> owners;
    private final Module source;
    private final List<Weight> own;

    private MergedLayer(Module original, Prepared prepared) {
        super(original, prepared.layer);
        this.owners = prepared.owners;
        this.source = prepared.source;
        this.own = prepared.own();
    }

    /**
     * A merged layer that does not stand in the model yet.
     *
     * @param source the layer without anything merged into it
     * @param before the layer with what was merged before
     * @param layer the layer with this update too
     */
    record Prepared(
            String path, List<AdaptedLayer> owners, Module source, Module before, Module layer, WeightChange change) {

        /** Puts it in its place. */
        void install(BaseModules modules) {
            modules.wrapInnermost(path, standing -> {
                MergedLayer merged = new MergedLayer(standing, this);
                owners.forEach(owner -> owner.setMerged(merged));
                return merged;
            });
            refresh(modules, path);
        }

        /**
         * The same with another's merged matrix, if the two layers share theirs and agree: an output layer stays tied to the embedding
         * where both change alike.
         */
        Prepared sharing(Prepared other) {
            Weight own = matrix(layer);
            Weight shared = matrix(other.layer);
            if (own == shared || matrix(before) != matrix(other.before) || !isSame(own, shared)) {
                return this;
            }
            own.free();
            return new Prepared(
                    path, owners, source, before, layer.withWeights(weight -> weight == own ? shared : weight), change);
        }

        private static Weight matrix(Module layer) {
            return Objects.requireNonNull(layer.ownWeights().get(MergedValues.WEIGHT));
        }

        private static boolean isSame(Weight some, Weight other) {
            Kernels k = some.scope().kernels();
            try (NDArray difference = k.subtract(some.array(), other.array())) {
                return k.maxAbs(difference) == 0;
            }
        }

        /** The merged layer's own weights. */
        private List<Weight> own() {
            return layer.ownWeights().values().stream()
                    .filter(weight -> weight != before.ownWeights().get(weight.name()))
                    .toList();
        }

        /** Frees it, if it will not be installed. */
        void discard() {
            own().forEach(Weight::free);
        }
    }

    /**
     * Puts an adapter's updates into a layer's weights.
     *
     * @param owners the adapter's wrappers of this layer, inner ones first
     * @throws IllegalStateException if a merged weight would not be finite, or the layer cannot hold an update
     */
    static Prepared prepare(BaseModules modules, String adapterName, String path, List<AdaptedLayer> owners) {
        requireOrder(path, owners);
        List<MergedLayer> standing = standing(modules, path);
        Module source = standing.isEmpty() ? AdaptedLayer.layer(owners.get(0)) : standing.get(0).source;
        Module before = standing.isEmpty() ? source : standing.get(0).copy();
        try (MergedValues values = new MergedValues(before, source)) {
            owners.forEach(owner -> owner.mergeInto(values));
            Module layer = values.layer(adapterName, path);
            return new Prepared(path, owners, source, before, layer, values.change());
        }
    }

    private static void requireOrder(String path, List<AdaptedLayer> owners) {
        boolean stretches = owners.stream().anyMatch(AdaptedLayer::stretches);
        for (Module inner = owners.get(0).wrapped();
                inner instanceof Wrapper wrapper;
                inner = BaseModules.under(wrapper)) {
            boolean open = inner instanceof AdaptedLayer layer && layer.adds() && (stretches || layer.stretches());
            if (open || !(inner instanceof AdaptedLayer || inner instanceof Substitute)) {
                throw new IllegalStateException("cannot merge into " + path + " under a "
                        + inner.getClass().getSimpleName() + ", which does more than add to the layer's output: merge"
                        + " the adapters in the order in which they were attached");
            }
        }
    }

    /** Takes an adapter's merged layer out again and frees it; those merged on top of it are merged anew. */
    static void remove(BaseModules modules, String adapterName, String path, List<AdaptedLayer> owners) {
        Deque<MergedLayer> later = new ArrayDeque<>();
        for (MergedLayer layer : standing(modules, path)) {
            modules.unwrap(path, layer);
            layer.owners.forEach(owner -> owner.setMerged(null));
            layer.own.forEach(Weight::free);
            if (layer.owners == owners) {
                break;
            }
            later.push(layer);
        }
        for (MergedLayer layer : later) {
            prepare(modules, adapterName, path, layer.owners).install(modules);
        }
    }

    /** Puts merged layers in or out of use, as the adapters and the trained copies of the layer are on or off now. */
    static void refresh(BaseModules modules, String path) {
        List<MergedLayer> layers = standing(modules, path);
        boolean use = true;
        for (int i = layers.size() - 1; i >= 0; i--) {
            MergedLayer layer = layers.get(i);
            use &= layer.owners.get(0).isEnabled()
                    && AdaptedLayer.layer(layer) == layer.source
                    && !isCovered(modules.outermost(path), layer);
            layer.use(use);
        }
    }

    /** Whether a trained copy that was put around a layer after merging is in use. */
    private static boolean isCovered(Module outermost, MergedLayer layer) {
        for (Module inner = outermost;
                inner instanceof Wrapper wrapper && inner != layer;
                inner = BaseModules.under(wrapper)) {
            if (inner instanceof Substitute copy && !(inner instanceof MergedLayer) && copy.isInUse()) {
                return true;
            }
        }
        return false;
    }

    /** The merged layers at a path, the last merged first. */
    private static List<MergedLayer> standing(BaseModules modules, String path) {
        List<MergedLayer> found = new ArrayList<>();
        for (Module inner = modules.outermost(path);
                inner instanceof Wrapper wrapper;
                inner = BaseModules.under(wrapper)) {
            if (inner instanceof MergedLayer layer) {
                found.add(layer);
            }
        }
        return found;
    }
}
