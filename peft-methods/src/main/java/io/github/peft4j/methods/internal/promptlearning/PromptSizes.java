package io.github.peft4j.methods.internal.promptlearning;

import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sizes of a prompt for a model: what a config says, filled in as Hugging Face PEFT's {@code _prepare_prompt_learning_config} does.
 *
 * @param count P, places before every row
 * @param width of a virtual token; of a prefix, that of a layer's keys
 * @param heads attention heads; of a prefix, heads that have keys
 * @param layers blocks
 */
public record PromptSizes(int count, int width, int heads, int layers) {

    /**
     * The sizes of virtual tokens.
     *
     * @throws IllegalArgumentException if the config does not fit the model: all that differs in one message
     */
    public static PromptSizes ofEmbeddings(Model<?> model, PromptSettings config) {
        ModelConfig sizes = model.config();
        List<String> problems = problems(model, config);
        requireOneOf(PromptSettings.TOKEN_DIM, config, List.of(sizes.embeddingSize()), problems);
        report(problems, model);
        return new PromptSizes(
                config.numVirtualTokens(),
                sizes.embeddingSize(),
                Objects.requireNonNullElse(config.numAttentionHeads(), sizes.heads()),
                Objects.requireNonNullElse(config.numLayers(), sizes.layers()));
    }

    /**
     * The sizes of keys and values. Where several heads share keys, as in Hugging Face PEFT the heads become those that have keys and the
     * width theirs together, also where those of all heads were given.
     *
     * @throws IllegalArgumentException if the model takes no keys and values, or the config does not fit it: all that differs in one message
     */
    public static PromptSizes ofKeysAndValues(Model<?> model, PromptSettings config) {
        ModelConfig sizes = model.config();
        Anatomy.CacheGeometry cache = cache(model);
        int width = cache.keyValueHeads() * cache.headSize();
        List<String> problems = problems(model, config);
        requireOneOf(PromptSettings.TOKEN_DIM, config, List.of(width, sizes.hiddenSize()), problems);
        requireOneOf(
                PromptSettings.NUM_ATTENTION_HEADS, config, List.of(cache.keyValueHeads(), sizes.heads()), problems);
        requireOneOf(PromptSettings.NUM_LAYERS, config, List.of(cache.layers()), problems);
        report(problems, model);
        return new PromptSizes(config.numVirtualTokens(), width, cache.keyValueHeads(), cache.layers());
    }

    /**
     * The sizes of the keys and values that a model can have before its rows.
     *
     * @throws IllegalArgumentException if it takes none
     */
    public static Anatomy.CacheGeometry cache(Model<?> model) {
        Anatomy.CacheGeometry cache = model.anatomy().cache();
        if (cache == null) {
            throw new IllegalArgumentException(
                    "Model does not support past key values which are required for prefix tuning: "
                            + model.anatomy().className()
                            + " takes none, here and in transformers. Prompt tuning and P-tuning work on it");
        }
        return cache;
    }

    private static List<String> problems(Model<?> model, PromptSettings config) {
        List<String> problems = new ArrayList<>();
        TaskType task = TaskType.of(model.head());
        if (config.common().taskType() != task) {
            problems.add("task_type must be " + task + " for a "
                    + model.anatomy().className() + ", got " + config.common().taskType());
        }
        requireOneOf(PromptSettings.NUM_TRANSFORMER_SUBMODULES, config, List.of(1), problems);
        return problems;
    }

    private static void requireOneOf(
            Setting<@Nullable Integer> setting, PromptSettings config, List<Integer> possible, List<String> problems) {
        Integer given = config.get(setting);
        if (given != null && !possible.contains(given)) {
            problems.add(setting.key() + " must be "
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

    /** Puts the sizes into a config. */
    public <B extends Setting.Sink<B>> B into(B builder) {
        return builder.set(PromptSettings.TOKEN_DIM, width)
                .set(PromptSettings.NUM_TRANSFORMER_SUBMODULES, 1)
                .set(PromptSettings.NUM_ATTENTION_HEADS, heads)
                .set(PromptSettings.NUM_LAYERS, layers);
    }
}
