package io.github.peft4j.methods.llamaadapter;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Settings of adaption prompts, Hugging Face's {@code AdaptionPromptConfig}: {@code AdaptionPromptConfig.builder(10, 30).build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2303.16199">Zhang et al. 2023</a>
 */
public record AdaptionPromptConfig(CommonSettings common, SettingValues values) implements PeftConfig {

    public static final Setting<Integer> ADAPTER_LEN = Setting.required(
            "adapter_len",
            "adapter_len is missing: set it to the number of trained tokens of each block, for example 10",
            "trained tokens P of each adapted block; 10 in the paper");
    public static final Setting<Integer> ADAPTER_LAYERS = Setting.required(
            "adapter_layers",
            "adapter_layers is missing: set it to the number of blocks to adapt, counted from the top",
            "adapted blocks, counted from the top; 30 of 32 in the paper");
    public static final Setting<@Nullable String> TARGET_MODULES = Setting.textOrNull(
                    "target_modules",
                    "the name of the attention in each block: `self_attn`, `attn` (GPT-2), `self_attention` (Bloom)")
            .checked(AdaptionPromptConfig::requireName)
            .defaultsTo("the architecture's");

    public static final ConfigSchema<AdaptionPromptConfig> SCHEMA = ConfigSchema.of("ADAPTION_PROMPT")
            .settings(ADAPTER_LEN, ADAPTER_LAYERS, TARGET_MODULES)
            .build(AdaptionPromptConfig::new);

    /** Checks the settings and how they go together. */
    public AdaptionPromptConfig {
        values.requireValid(SCHEMA);
    }

    private static void requireName(@Nullable String name, Consumer<String> problems) {
        if (name != null && name.isBlank()) {
            problems.accept("target_modules must be the name of the attention modules or null, got an empty one");
        }
    }

    /**
     * Starts settings.
     *
     * @param adapterLen trained tokens of each adapted block; 10 in the paper
     * @param adapterLayers adapted blocks, counted from the top; 30 of 32 in the paper
     */
    public static Builder builder(int adapterLen, int adapterLayers) {
        return new Builder(SCHEMA.draft()).set(ADAPTER_LEN, adapterLen).set(ADAPTER_LAYERS, adapterLayers);
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<AdaptionPromptConfig> draft)
            implements ConfigBuilder<AdaptionPromptConfig, Builder> {

        /** The name of the attention in each block; null for the architecture's. */
        public Builder targetModules(@Nullable String name) {
            return set(TARGET_MODULES, name);
        }
    }
}
