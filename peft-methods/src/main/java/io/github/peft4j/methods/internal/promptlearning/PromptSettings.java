package io.github.peft4j.methods.internal.promptlearning;

import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.Setting;
import org.jspecify.annotations.Nullable;

/**
 * A config of virtual tokens, Hugging Face's {@code PromptLearningConfig}. What is null is filled in while attaching, and then saved.
 */
public interface PromptSettings extends LayerSettings.WholeModules {

    Setting<Integer> NUM_VIRTUAL_TOKENS = Setting.required(
            "num_virtual_tokens",
            "num_virtual_tokens must be at least 1, got null: it has no default",
            "P, places before every row");
    Setting<@Nullable Integer> TOKEN_DIM =
            ofModel("token_dim", "width of a virtual token; of a prefix, of a layer's keys");
    Setting<@Nullable Integer> NUM_TRANSFORMER_SUBMODULES = ofModel("num_transformer_submodules", "1 for a decoder");
    Setting<@Nullable Integer> NUM_ATTENTION_HEADS =
            ofModel("num_attention_heads", "attention heads; of a prefix, those that have keys");
    Setting<@Nullable Integer> NUM_LAYERS = ofModel("num_layers", "blocks");

    private static Setting<@Nullable Integer> ofModel(String key, String meaning) {
        return Setting.integerOrNull(key, meaning + "; filled in and saved").defaultsTo("the model's");
    }

    /** The settings, for a schema. */
    static Setting<?>[] all() {
        return new Setting<?>[] {
            NUM_VIRTUAL_TOKENS,
            TOKEN_DIM,
            NUM_TRANSFORMER_SUBMODULES,
            NUM_ATTENTION_HEADS,
            NUM_LAYERS,
            LayerSettings.MODULES_TO_SAVE
        };
    }

    /**
     * Collects settings of a method of virtual tokens.
     *
     * @param <C> its config
     * @param <B> the builder itself
     */
    interface Builder<C extends PeftConfig, B extends Builder<C, B>>
            extends ConfigBuilder<C, B>, LayerSettings.WholeModulesBuilder<B> {}

    /** P, places before every row. */
    default int numVirtualTokens() {
        return values().get(NUM_VIRTUAL_TOKENS);
    }

    /** Attention heads, or null until they are filled in. */
    default @Nullable Integer numAttentionHeads() {
        return values().get(NUM_ATTENTION_HEADS);
    }

    /** Blocks, or null until they are filled in. */
    default @Nullable Integer numLayers() {
        return values().get(NUM_LAYERS);
    }
}
