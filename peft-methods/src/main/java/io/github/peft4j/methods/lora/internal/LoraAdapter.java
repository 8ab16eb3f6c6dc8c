package io.github.peft4j.methods.lora.internal;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.internal.Swappable;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.LayerAdapter;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lora.internal.update.LoraEmbedding;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization;
import io.github.peft4j.methods.lora.internal.update.LoraLayer;
import io.github.peft4j.methods.lora.internal.update.LowRank;
import io.github.peft4j.methods.lora.internal.update.TiedFactors;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One LoRA adapter in a model: an adapter of layers whose updates can also be combined, swapped and chosen row by row. */
final class LoraAdapter implements Adapter {

    private static final Logger LOG = LoggerFactory.getLogger(LoraAdapter.class);

    /**
     * Those of the adapter's parts that are wrappers.
     *
     * @param updates layers with updates
     * @param vectors layers with tokens that are trained one by one
     * @param tied path of the output layer that shares the embedding's update, or null
     * @param sharesCopy whether a tied output layer shares the embedding's trained copy
     * @param aliases keys under which files may hold vectors that a tied output layer shares, by their own
     */
    record Layers(
            AdaptedLayers updates,
            AdaptedLayers vectors,
            @Nullable String tied,
            boolean sharesCopy,
            Map<String, String> aliases) {}

    private final Model<?> model;
    private final LoraConfig config;
    private final Layers layers;
    private final LayerAdapter adapter;

    /** An adapter that is in the model. */
    LoraAdapter(Model<?> model, LoraConfig config, Layers layers, LayerAdapter adapter) {
        this.model = model;
        this.config = config;
        this.layers = layers;
        this.adapter = adapter;
    }

    /** Whether a tied output layer shares what is trained of the embedding. */
    boolean keepsTied() {
        return layers.tied != null || layers.sharesCopy;
    }

    @Override
    public void afterLoad() {
        adapter.afterLoad();
        tie();
    }

    /** A tied output layer's factors may come with values of their own: in 16 bits Hugging Face PEFT trains them apart. */
    private void tie() {
        TiedFactors factors = tiedFactors();
        if (factors == null || factors.head().a().isShared()) {
            return;
        }
        boolean agree = factors.agree();
        if (agree || model.precision() == Precision.FLOAT32) {
            factors.shareHeads();
        } else {
            LOG.warn(
                    "the factors of {} are not those of the embedding that it is tied to; they stay apart, as in Hugging"
                            + " Face PEFT",
                    layers.tied);
        }
    }

    private @Nullable TiedFactors tiedFactors() {
        if (layers.tied == null
                || !LoraInitialization.of(config.initLoraWeights()).staysTied()) {
            return null;
        }
        String embedding = model.anatomy().inputEmbedding();
        return new TiedFactors(updateOf(embedding), updateOf(layers.tied));
    }

    private LowRank updateOf(String path) {
        List<LoraLayer> wrappers = Objects.requireNonNull(updates().get(path));
        return wrappers.get(wrappers.size() - 1).update();
    }

    @Override
    public Map<String, String> aliases() {
        Map<String, String> aliases = new LinkedHashMap<>(adapter.aliases());
        aliases.putAll(layers.aliases);
        return aliases;
    }

    /** The wrappers of each layer, inner ones first. */
    Map<String, List<LoraLayer>> updates() {
        Map<String, List<LoraLayer>> updates = new LinkedHashMap<>();
        layers.updates
                .byPath()
                .forEach((path, wrappers) -> updates.put(
                        path, wrappers.stream().map(LoraLayer.class::cast).toList()));
        return updates;
    }

    /** Layers, biases and tokens that are trained themselves, by key. */
    Map<String, Weight> wholeWeights() {
        Map<String, Weight> weights = new LinkedHashMap<>(adapter.trainable());
        weights.keySet().removeAll(layers.updates.parameters().keySet());
        return weights;
    }

    @Override
    public Optional<Swappable> swappable() {
        Map<String, Weight> others = new LinkedHashMap<>(adapter.parameters());
        others.keySet().removeAll(layers.updates.parameters().keySet());
        return Optional.of(new LoraSwap(model.scope(), config, updates(), others));
    }

    /** DoRA needs the norm of the weight that is in use, which is not the same in all rows where adapters train copies. */
    @Override
    public Optional<Collection<? extends Module>> rowModules() {
        return config.useDora()
                ? Optional.empty()
                : Optional.of(AdaptedLayers.byPath(List.of(layers.updates, layers.vectors)).values().stream()
                        .flatMap(List::stream)
                        .toList());
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
    public Map<Weight, Factor> factors() {
        Map<Weight, Factor> factors = new IdentityHashMap<>();
        updates()
                .values()
                .forEach(wrappers -> wrappers.forEach(layer -> {
                    LowRank update = layer.update();
                    if (layer instanceof LoraEmbedding) {
                        factors.put(update.a(), Factor.OF_EMBEDDING);
                        factors.put(update.b(), Factor.OF_EMBEDDING);
                    } else {
                        factors.put(update.b(), Factor.SECOND);
                    }
                }));
        return factors;
    }

    @Override
    public Set<String> takesFromBase() {
        return LoraInitialization.of(config.initLoraWeights()).takesFromBase() ? layers.updates.paths() : Set.of();
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
    public Optional<Adapter.Mergeable> mergeable() {
        return adapter.mergeable();
    }
}
