package io.github.peft4j.methods.internal.promptlearning;

import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all prompt methods have, Hugging Face's {@code PromptLearningConfig}. What is null is filled in while attaching, and
 * then saved.
 *
 * @param numVirtualTokens P, places before every row, at least 1
 * @param tokenDim width of a virtual token; of a prefix, that of a layer's keys
 * @param numTransformerSubmodules 1 for a decoder
 * @param numAttentionHeads attention heads; of a prefix, heads that have keys
 * @param numLayers blocks
 * @param modulesToSave ends of paths of modules that are trained whole, or null
 */
public record PromptLearning(
        int numVirtualTokens,
        @Nullable Integer tokenDim,
        @Nullable Integer numTransformerSubmodules,
        @Nullable Integer numAttentionHeads,
        @Nullable Integer numLayers,
        @Nullable List<String> modulesToSave) {

    private static final String TOKENS = "num_virtual_tokens";

    /**
     * Copies the list and checks the numbers.
     *
     * @throws IllegalArgumentException if there is no virtual token
     */
    public PromptLearning {
        modulesToSave = modulesToSave == null ? null : List.copyOf(modulesToSave);
        if (numVirtualTokens < 1) {
            throw new IllegalArgumentException(tooFew(numVirtualTokens));
        }
    }

    private static String tooFew(@Nullable Integer number) {
        return TOKENS + " must be at least 1, got " + number + (number == null ? ": it has no default" : "");
    }

    /** A number of virtual tokens; all else follows from the model. */
    public static PromptLearning of(int numVirtualTokens) {
        return new PromptLearning(numVirtualTokens, null, null, null, null, null);
    }

    /** The same with modules that are trained whole; null for none. */
    public PromptLearning withModulesToSave(@Nullable List<String> names) {
        return new PromptLearning(
                numVirtualTokens, tokenDim, numTransformerSubmodules, numAttentionHeads, numLayers, names);
    }

    /** Reads the settings; what is wrong is noted there. */
    public static PromptLearning read(ConfigValues values) {
        Integer tokens = values.integerOrNull(TOKENS);
        if (tokens == null || tokens < 1) {
            values.reject(tooFew(tokens));
        }
        return new PromptLearning(
                tokens == null || tokens < 1 ? 1 : tokens,
                values.integerOrNull("token_dim"),
                values.integerOrNull("num_transformer_submodules"),
                values.integerOrNull("num_attention_heads"),
                values.integerOrNull("num_layers"),
                values.textsOrNull("modules_to_save"));
    }

    /** The settings by Hugging Face's names, to be added to. */
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put(TOKENS, numVirtualTokens);
        settings.put("token_dim", tokenDim);
        settings.put("num_transformer_submodules", numTransformerSubmodules);
        settings.put("num_attention_heads", numAttentionHeads);
        settings.put("num_layers", numLayers);
        settings.put("modules_to_save", modulesToSave);
        return settings;
    }

    /**
     * These settings filled in for virtual tokens of a model, as Hugging Face PEFT's {@code _prepare_prompt_learning_config} does.
     *
     * @param config the config they are part of
     * @throws IllegalArgumentException if they do not fit the model: all that differs in one message
     */
    public PromptLearning forEmbeddings(Model<?> model, PeftConfig config) {
        ModelConfig sizes = model.config();
        List<String> problems = problems(model, config);
        requireOneOf("token_dim", tokenDim, List.of(sizes.embeddingSize()), problems);
        report(problems, model);
        return filled(
                sizes.embeddingSize(),
                Objects.requireNonNullElse(numAttentionHeads, sizes.heads()),
                Objects.requireNonNullElse(numLayers, sizes.layers()));
    }

    /**
     * These settings filled in for keys and values of a model. Where several heads share keys, as in Hugging Face PEFT the heads become
     * those that have keys and the width theirs together, also where those of all heads were given.
     *
     * @param config the config they are part of
     * @throws IllegalArgumentException if they do not fit the model: all that differs in one message
     */
    public PromptLearning forKeysAndValues(Model<?> model, PeftConfig config) {
        ModelConfig sizes = model.config();
        Anatomy.CacheGeometry cache = model.anatomy().cache();
        int width = cache.keyValueHeads() * cache.headSize();
        List<String> problems = problems(model, config);
        requireOneOf("token_dim", tokenDim, List.of(width, sizes.hiddenSize()), problems);
        requireOneOf("num_attention_heads", numAttentionHeads, List.of(cache.keyValueHeads(), sizes.heads()), problems);
        requireOneOf("num_layers", numLayers, List.of(cache.layers()), problems);
        report(problems, model);
        return filled(width, cache.keyValueHeads(), cache.layers());
    }

    private PromptLearning filled(int width, int heads, int layers) {
        return new PromptLearning(numVirtualTokens, width, 1, heads, layers, modulesToSave);
    }

    private List<String> problems(Model<?> model, PeftConfig config) {
        List<String> problems = new ArrayList<>();
        TaskType task = TaskType.of(model.head());
        if (config.common().taskType() != task) {
            problems.add("task_type must be " + task + " for a "
                    + model.anatomy().className() + ", got " + config.common().taskType());
        }
        requireOneOf("num_transformer_submodules", numTransformerSubmodules, List.of(1), problems);
        return problems;
    }

    private static void requireOneOf(
            String key, @Nullable Integer given, List<Integer> possible, List<String> problems) {
        if (given != null && !possible.contains(given)) {
            problems.add(key + " must be "
                    + String.join(
                            " or ",
                            possible.stream().distinct().map(String::valueOf).toList())
                    + ", got " + given + ": leave it out");
        }
    }

    private static void report(List<String> problems, Model<?> model) {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(
                    String.join("; ", problems) + " (" + model.anatomy().className() + ")");
        }
    }

    /** {@link #tokenDim} of settings that are filled in. */
    public int width() {
        return Objects.requireNonNull(tokenDim);
    }

    /** {@link #numAttentionHeads} of settings that are filled in. */
    public int heads() {
        return Objects.requireNonNull(numAttentionHeads);
    }

    /** {@link #numLayers} of settings that are filled in. */
    public int layers() {
        return Objects.requireNonNull(numLayers);
    }
}
