package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.Adapter;
import io.github.peft4j.core.BaseModules;
import io.github.peft4j.core.Substitute;
import io.github.peft4j.core.TargetModules;
import io.github.peft4j.core.TrainedCopy;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frozen weights of the base model that Hugging Face PEFT saves with an adapter: those of a token embedding or output layer that the
 * adapter changes, if it is called {@code embed_tokens} or {@code lm_head}; and a second time, a slip of its that files have to share,
 * the biases of layers trained whole where all biases are trained.
 *
 * <p>A loaded file whose embeddings are not the base model's brings its own, which stand in for the base model's as long as the adapter
 * is there, in every layer that shares them.
 */
final class SavedBaseWeights {

    private static final Logger LOG = LoggerFactory.getLogger(SavedBaseWeights.class);

    /** Hugging Face PEFT's {@code EMBEDDING_LAYER_NAMES}. */
    private static final Set<String> NAMES = Set.of("embed_tokens", "lm_head");

    private static final String BIAS = "bias";

    private final Model model;
    private final Map<String, Weight> embeddings = new LinkedHashMap<>();
    private final Map<String, Weight> biases = new LinkedHashMap<>();
    private final Map<String, Weight> bases = new LinkedHashMap<>();
    private final Map<String, Substitute> replaced = new LinkedHashMap<>();

    private SavedBaseWeights(Model model) {
        this.model = model;
    }

    /**
     * The weights that go with an adapter.
     *
     * @param targets the adapter's layers as its config names them
     * @param adapted the paths of its layers
     */
    static SavedBaseWeights of(Model model, TargetModules targets, Set<String> adapted) {
        SavedBaseWeights saved = new SavedBaseWeights(model);
        if (namesEmbeddings(targets, adapted)) {
            BaseModules modules = BaseModules.of(model);
            Anatomy anatomy = model.anatomy();
            for (String path : Arrays.asList(anatomy.inputEmbedding(), anatomy.head())) {
                if (path != null && adapted.contains(path)) {
                    Substitute.bottom(modules.outermost(path))
                            .ownWeights()
                            .forEach((name, weight) -> saved.add(path, name, weight));
                }
            }
        }
        return saved;
    }

    private static boolean namesEmbeddings(TargetModules targets, Set<String> adapted) {
        if (targets instanceof TargetModules.Named named) {
            return named.names().stream().anyMatch(NAMES::contains);
        }
        return adapted.stream().anyMatch(path -> NAMES.contains(path.substring(path.lastIndexOf('.') + 1)));
    }

    private void add(String path, String name, Weight base) {
        String key = Adapter.KEY_PREFIX + path + "." + Wrapper.BASE + "." + name;
        bases.put(key, base);
        embeddings.put(key, alias(base));
    }

    /** Adds the biases of layers that are trained whole. */
    void addBiases(Map<String, TrainedCopy> whole) {
        whole.forEach((path, copy) -> {
            @Nullable Weight before = Substitute.bottom(copy).ownWeights().get(BIAS);
            @Nullable Weight trained = copy.weights().get(BIAS);
            if (before != null && trained != null) {
                biases.put(Adapter.KEY_PREFIX + path + "." + Substitute.IDLE + "." + BIAS, alias(before));
                biases.put(Adapter.KEY_PREFIX + path + ".modules_to_save." + BIAS, trained);
            }
        });
    }

    /** The same values in the same memory until others are loaded: read-only, so that loading copies first. */
    private Weight alias(Weight base) {
        return new Weight(base.name(), model.scope().alias(base.array()), base.precision(), model.scope(), true);
    }

    /** The weights by key in the adapter file. */
    Map<String, Weight> parameters() {
        Map<String, Weight> all = new LinkedHashMap<>(embeddings);
        all.putAll(biases);
        return all;
    }

    /** Looks at what was loaded and puts embeddings in place that are not the base model's. */
    void afterLoad() {
        Map<Weight, Weight> own = new LinkedHashMap<>();
        embeddings.replaceAll((key, loaded) -> {
            Weight base = java.util.Objects.requireNonNull(bases.get(key));
            if (sameValues(base, loaded)) {
                LoraLayer.free(loaded);
                return alias(base);
            }
            LOG.warn("the adapter brings values of {} that differ from the base model's: they are used while it is there", key);
            own.putIfAbsent(base, loaded);
            return loaded;
        });
        if (own.isEmpty()) {
            return;
        }
        BaseModules modules = BaseModules.of(model);
        modules.byPath().keySet().forEach(path -> {
            Module layer = Substitute.bottom(modules.outermost(path));
            if (!path.isEmpty() && layer.ownWeights().values().stream().anyMatch(own::containsKey)) {
                modules.wrapInnermost(path, standing -> {
                    Module copy = layer.withWeights(weight -> own.getOrDefault(weight, weight));
                    Substitute substitute = new Substitute(standing, copy, false);
                    replaced.put(path, substitute);
                    return substitute;
                });
            }
        });
    }

    private static boolean sameValues(Weight base, Weight loaded) {
        if (base.array() == loaded.array()) {
            return true;
        }
        Kernels k = base.scope().kernels();
        try (NDArray difference = k.subtract(base.array(), loaded.array())) {
            return k.maxAbs(difference) == 0;
        }
    }

    void setEnabled(boolean enabled) {
        replaced.values().forEach(substitute -> substitute.use(enabled));
    }

    /** Takes everything out of the model and frees it. */
    void remove() {
        BaseModules modules = BaseModules.of(model);
        replaced.forEach(modules::unwrap);
        replaced.clear();
        List.copyOf(embeddings.values()).forEach(LoraLayer::free);
        biases.forEach((key, weight) -> {
            if (key.endsWith(Substitute.IDLE + "." + BIAS)) {
                LoraLayer.free(weight);
            }
        });
        embeddings.clear();
        biases.clear();
    }
}
