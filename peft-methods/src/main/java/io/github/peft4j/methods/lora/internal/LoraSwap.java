package io.github.peft4j.methods.lora.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.internal.pattern.PatternTable;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.internal.SavedAdapter;
import io.github.peft4j.core.method.internal.Swappable;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization;
import io.github.peft4j.methods.lora.internal.update.LoraLayer;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.weights.internal.StoredArrays;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts a saved adapter's values into one that is in use, as Hugging Face PEFT's {@code hotswap_adapter} does. A smaller rank is filled up
 * with zeros, a layer that the saved adapter is not for is switched off by zeros, and where its scale is another, B takes up the
 * difference, so that the config stays true.
 */
final class LoraSwap implements Swappable {

    private static final Set<String> FACTORS =
            Set.of("lora_A.weight", "lora_B.weight", "lora_B.bias", "lora_embedding_A", "lora_embedding_B");

    private final Scope scope;
    private final LoraConfig config;
    private final Map<String, List<LoraLayer>> layers;
    private final Map<String, Weight> others;

    /**
     * Swaps into these layers.
     *
     * @param others what is saved besides, by key
     */
    LoraSwap(Scope scope, LoraConfig config, Map<String, List<LoraLayer>> layers, Map<String, Weight> others) {
        this.scope = scope;
        this.config = config;
        this.layers = layers;
        this.others = others;
    }

    @Override
    public void swap(SavedAdapter saved, Map<String, String> tensors) throws CheckpointException {
        LoraConfig theirs = (LoraConfig) saved.config();
        requireAlike(theirs, saved);
        try (Scope work = scope.child()) {
            Map<Weight, NDArray> values = new LinkedHashMap<>();
            PatternTable<Integer> ranks = PatternTable.of(theirs.rankPattern());
            PatternTable<Number> alphas = PatternTable.of(theirs.alphaPattern());
            for (Map.Entry<String, List<LoraLayer>> entry : layers.entrySet()) {
                String path = entry.getKey();
                double scale =
                        LoraLayers.scale(theirs, alphas.get(path, theirs.loraAlpha()), ranks.get(path, theirs.r()));
                for (LoraLayer layer : entry.getValue()) {
                    read(saved, tensors, work, path, layer, scale, values);
                }
            }
            for (Map.Entry<String, Weight> entry : others.entrySet()) {
                String name = require(tensors.get(entry.getKey()), entry.getKey(), saved);
                values.put(entry.getValue(), read(saved, work, name, entry.getValue(), false));
            }
            values.forEach(Weight::assign);
        }
    }

    private void requireAlike(LoraConfig theirs, SavedAdapter saved) throws CheckpointException {
        requireEqual("use_rslora", config.useRslora(), theirs.useRslora(), saved);
        requireEqual("lora_dropout", config.loraDropout(), theirs.loraDropout(), saved);
        requireEqual("alpha_pattern", config.alphaPattern(), theirs.alphaPattern(), saved);
        requireEqual("use_dora", config.useDora(), theirs.useDora(), saved);
        requireEqual("ensure_weight_tying", config.ensureWeightTying(), theirs.ensureWeightTying(), saved);
        requireEqual("trainable_token_indices", tokens(config), tokens(theirs), saved);
        boolean taken = LoraInitialization.of(config.initLoraWeights()).takesFromBase();
        if (taken || LoraInitialization.of(theirs.initLoraWeights()).takesFromBase()) {
            // What was taken out of the base weights follows from these and stays as it is.
            requireEqual("init_lora_weights", config.initLoraWeights(), theirs.initLoraWeights(), saved);
            requireEqual("r", config.r(), theirs.r(), saved);
            requireEqual(
                    "lora_alpha",
                    config.loraAlpha().doubleValue(),
                    theirs.loraAlpha().doubleValue(),
                    saved);
            requireEqual("rank_pattern", config.rankPattern(), theirs.rankPattern(), saved);
        }
    }

    private static Object tokens(LoraConfig config) {
        return Objects.requireNonNullElse(TokenIndices.json(config.get(LoraConfig.TRAINABLE_TOKEN_INDICES)), "null");
    }

    private static void requireEqual(String key, Object ours, Object theirs, SavedAdapter saved)
            throws CheckpointException {
        if (!ours.equals(theirs)) {
            throw new CheckpointException("Configs are incompatible: for " + key + ", " + ours + " != " + theirs + " ("
                    + saved.directory() + ")");
        }
    }

    private static String require(@Nullable String name, String key, SavedAdapter saved) throws CheckpointException {
        if (name == null) {
            throw new CheckpointException(
                    "Hot swapping the adapter did not succeed, " + key + " is missing (" + saved.directory() + ")");
        }
        return name;
    }

    private static void read(
            SavedAdapter saved,
            Map<String, String> tensors,
            Scope work,
            String path,
            LoraLayer layer,
            double scale,
            Map<Weight, NDArray> values)
            throws CheckpointException {
        String prefix = Adapter.KEY_PREFIX + path + ".";
        boolean absent = layer.parameters().keySet().stream().noneMatch(name -> tensors.containsKey(prefix + name));
        for (Map.Entry<String, Weight> entry : layer.parameters().entrySet()) {
            Weight weight = entry.getValue();
            boolean factor = FACTORS.contains(entry.getKey());
            if (absent && factor && !layer.stretches()) {
                values.put(weight, work.zeros(Precision.FLOAT32, weight.shape().getShape()));
                continue;
            }
            String key = prefix + entry.getKey();
            NDArray read = read(saved, work, require(tensors.get(key), key, saved), weight, factor);
            boolean scaled = weight == layer.update().b() || weight == layer.biasOfB();
            double ratio = scale / layer.update().scale();
            values.put(weight, scaled && ratio != 1 ? work.kernels().scale(read, ratio) : read);
        }
    }

    /**
     * Reads a tensor in a weight's format.
     *
     * @param padded whether it may be smaller in one dimension, and is filled up with zeros then
     */
    private static NDArray read(SavedAdapter saved, Scope work, String name, Weight weight, boolean padded)
            throws CheckpointException {
        List<Long> wanted = Arrays.stream(weight.shape().getShape()).boxed().toList();
        List<Long> found = Objects.requireNonNull(saved.weights().info(name)).shape();
        int smaller = -1;
        boolean fits = found.size() == wanted.size();
        for (int i = 0; fits && i < wanted.size(); i++) {
            if (!found.get(i).equals(wanted.get(i))) {
                fits = padded && smaller < 0 && wanted.size() > 1 && found.get(i) < wanted.get(i);
                smaller = i;
            }
        }
        if (!fits) {
            throw new CheckpointException("Incompatible shapes found for LoRA weights " + name + ": " + wanted + " vs "
                    + found + ". The rank of what is swapped in may be smaller than the adapter's, not larger ("
                    + saved.directory() + ")");
        }
        NDArray values = StoredArrays.read(saved.weights(), name, work, weight.precision());
        return smaller < 0 ? values : CombinedFactors.padded(work, values, smaller, wanted.get(smaller));
    }
}
