package io.github.peft4j.methods.lora.internal;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.tokens.TokenLayers;
import io.github.peft4j.methods.lora.LoraConfig;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that a LoRA adapter trains one by one: step by step Hugging Face PEFT's {@code set_additional_trainable_modules}. Where the
 * output layer is tied to the embedding it computes with the same vectors, unless it has a list of its own.
 *
 * @param byPath the tokens of each layer
 * @param tied path of the output layer that shares the embedding's vectors, or null
 * @see <a href="https://github.com/huggingface/peft/blob/v0.21.2/src/peft/utils/other.py">set_additional_trainable_modules</a>
 */
record LoraTokens(
        Map<String, List<Integer>> byPath, @Nullable String tied) {

    private static final String SETTING = "trainable_token_indices";

    private static final String KEY = "token_adapter." + TokenLayers.NAME;

    /**
     * Finds the layers.
     *
     * @param config with the names of modules that are trained whole as they will be used
     * @param updated paths of the layers that get updates
     * @param whole paths of the layers that are trained whole
     * @throws IllegalArgumentException if a layer is not there, not of a kind that has tokens, lacks one, or is trained in another way
     */
    static LoraTokens of(Model<?> model, LoraConfig config, Set<String> updated, Set<String> whole) {
        TokenIndices indices = config.get(LoraConfig.TRAINABLE_TOKEN_INDICES);
        if (indices == null) {
            return new LoraTokens(Map.of(), null);
        }
        Anatomy anatomy = model.anatomy();
        Map<String, List<Integer>> named = indices.named(anatomy.inputEmbedding());
        requireNotWhole(named, config);
        Map<String, List<Integer>> ofTied = ofTied(named, anatomy);
        boolean alike = alike(ofTied, config.ensureWeightTying());
        Map<String, List<Integer>> byPath = new LinkedHashMap<>();
        for (Map.Entry<String, List<Integer>> entry : named.entrySet()) {
            boolean follows = alike && ofTied.size() > 1 && entry.getKey().equals(anatomy.head());
            for (String path : follows ? List.<String>of() : paths(model, entry.getKey())) {
                if (byPath.put(path, entry.getValue()) != null) {
                    throw new IllegalArgumentException(SETTING + " names " + path + " twice: " + named.keySet());
                }
            }
        }
        String head = anatomy.head();
        boolean shared = alike
                && anatomy.headIsTied()
                && byPath.containsKey(anatomy.inputEmbedding())
                && !byPath.containsKey(head);
        LoraTokens tokens = new LoraTokens(byPath, shared ? head : null);
        tokens.check(model, config, updated, whole);
        return tokens;
    }

    private static void requireNotWhole(Map<String, List<Integer>> named, LoraConfig config) {
        for (String name : named.keySet()) {
            if (config.modulesToSave() != null && config.modulesToSave().contains(name)) {
                throw new IllegalArgumentException("The embedding layer is already marked to be trained fully, either"
                        + " specify `modules_to_save=[..., \"" + name + "\", ...]` or `trainable_tokens={'" + name
                        + "': x}` but not both.");
            }
        }
    }

    /** The tokens of names that mean the embedding or the output layer that is tied to it. */
    private static Map<String, List<Integer>> ofTied(Map<String, List<Integer>> named, Anatomy anatomy) {
        Map<String, List<Integer>> tied = new LinkedHashMap<>();
        if (anatomy.headIsTied()) {
            String head = Objects.requireNonNull(anatomy.head());
            named.forEach((name, tokens) -> {
                if (anatomy.inputEmbedding().endsWith(name) || head.endsWith(name)) {
                    tied.put(name, tokens);
                }
            });
        }
        return tied;
    }

    private static boolean alike(Map<String, List<Integer>> ofTied, boolean ensureTying) {
        boolean alike = ofTied.values().stream().distinct().count() <= 1;
        if (!alike && ensureTying) {
            throw new IllegalArgumentException("Cannot ensure weight tying when different token indices are specified"
                    + " for tied layers. Conflicting layers: " + ofTied
                    + ". Please use the same indices for all tied layers or set ensure_weight_tying=False.");
        }
        return alike;
    }

    private static List<String> paths(Model<?> model, String name) {
        List<String> found = BaseModules.of(model).byPath().keySet().stream()
                .filter(path -> !path.isEmpty() && path.endsWith(name))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    SETTING + ": Target modules {'" + name + "'} not found in the base model."
                            + " Please check the target modules and try again. Token tables are "
                            + model.tokenTables());
        }
        return found;
    }

    private void check(Model<?> model, LoraConfig config, Set<String> updated, Set<String> whole) {
        byPath.forEach((path, tokens) -> {
            TokenLayers.check(model, path, tokens, SETTING);
            if (updated.contains(path)) {
                throw new IllegalArgumentException(SETTING + " also names " + path
                        + ", which is a target module: its tokens are trained one by one, or it gets an update");
            }
        });
        List<String> all = new ArrayList<>(byPath.keySet());
        if (tied != null) {
            all.add(tied);
        }
        all.stream().filter(whole::contains).findFirst().ifPresent(path -> {
            throw new IllegalArgumentException("modules_to_save trains " + path + " whole, whose tokens " + SETTING
                    + (path.equals(tied) ? ", by the tied embedding," : "") + " trains one by one: choose one of them");
        });
        if (tied != null && updated.contains(tied) && readsWeights(config)) {
            throw new IllegalArgumentException(
                    tied + " shares the vectors of " + SETTING + " with the embedding that it"
                            + " is tied to, which DoRA, PiSSA and OLoRA of that layer cannot take into account: leave it out of"
                            + " target_modules");
        }
    }

    /** Whether updates depend on the weights of the layers they are for: their lengths, or what is taken out of them. */
    private static boolean readsWeights(LoraConfig config) {
        return config.useDora()
                || LoraInitialization.of(config.initLoraWeights()).takesFromBase();
    }

    /** Wraps the layers; to be called before those that get updates are wrapped, which then lie around. */
    AdaptedLayers attach(Model<?> model, AttachContext context) {
        String embedding = model.anatomy().inputEmbedding();
        return AdaptedLayers.attach(model, layers -> {
            TokenLayers wrapping = new TokenLayers(model, layers, NewWeights.of(model, context), true);
            byPath.forEach(
                    (path, tokens) -> wrapping.wrap(path, tokens, KEY, path.equals(embedding) ? tied : null, null));
        });
    }

    /** Further keys of files: where the vocabulary grew Hugging Face PEFT writes the vectors for the tied output layer too. */
    Map<String, String> aliases(Anatomy anatomy) {
        return tied == null ? Map.of() : Map.of(key(tied), key(anatomy.inputEmbedding()));
    }

    private static String key(String path) {
        return Adapter.KEY_PREFIX + path + "." + KEY;
    }
}
