package io.github.peft4j.methods.prompttuning;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.core.config.SettingValues;
import io.github.peft4j.methods.internal.promptlearning.PromptSettings;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Settings of prompt tuning, Hugging Face's {@code PromptTuningConfig}: {@code PromptTuningConfig.builder(20).text("Classify the
 * complaint: ", "./llama").build()}.
 *
 * @param common what the configs of all methods have
 * @param values what the settings of {@link #SCHEMA} are set to
 * @see <a href="https://arxiv.org/abs/2104.08691">Lester et al. 2021</a>
 */
public record PromptTuningConfig(CommonSettings common, SettingValues values) implements PromptSettings {

    public static final Setting<Init> PROMPT_TUNING_INIT = Setting.constant(
            "prompt_tuning_init",
            Init.RANDOM,
            Init::name,
            "how they begin: `RANDOM` normal values of deviation 1; `SAMPLE_VOCAB` embeddings of tokens drawn from the"
                    + " vocabulary; `TEXT` those of a text's tokens, cut or repeated to P");
    public static final Setting<@Nullable String> PROMPT_TUNING_INIT_TEXT =
            Setting.textOrNull("prompt_tuning_init_text", "that text");
    public static final Setting<@Nullable String> TOKENIZER_NAME_OR_PATH = Setting.textOrNull(
            "tokenizer_name_or_path",
            "whose tokenizer reads it: a folder with `tokenizer.json`, or the base model by the name it was loaded with");
    public static final Setting<@Nullable Map<String, @Nullable Object>> TOKENIZER_KWARGS = Setting.object(
            "tokenizer_kwargs",
            "settings of that tokenizer. `trust_remote_code` is never heeded; those that change nothing for one text pass;"
                    + " others are refused by name");

    public static final ConfigSchema<PromptTuningConfig> SCHEMA = ConfigSchema.of("PROMPT_TUNING")
            .settings(PromptSettings.all())
            .settings(PROMPT_TUNING_INIT, PROMPT_TUNING_INIT_TEXT, TOKENIZER_NAME_OR_PATH, TOKENIZER_KWARGS)
            .rule(PromptTuningConfig::requireText)
            .build(PromptTuningConfig::new);

    /** Checks the settings and how they go together. */
    public PromptTuningConfig {
        values.requireValid(SCHEMA);
    }

    private static void requireText(SettingValues values, Consumer<String> problems) {
        boolean text = values.get(PROMPT_TUNING_INIT) == Init.TEXT;
        String tokenizer = values.get(TOKENIZER_NAME_OR_PATH);
        Map<String, @Nullable Object> kwargs = values.get(TOKENIZER_KWARGS);
        if (text && (tokenizer == null || tokenizer.isEmpty())) {
            problems.accept("When prompt_tuning_init='TEXT', tokenizer_name_or_path can't be "
                    + (tokenizer == null ? "None." : "empty."));
        }
        if (text && values.get(PROMPT_TUNING_INIT_TEXT) == null) {
            problems.accept("When prompt_tuning_init='TEXT', prompt_tuning_init_text can't be None.");
        }
        if (!text && kwargs != null && !kwargs.isEmpty()) {
            problems.accept("tokenizer_kwargs only valid when using prompt_tuning_init='TEXT'.");
        }
    }

    /** Starts settings with the number of virtual tokens; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int numVirtualTokens) {
        return new Builder(SCHEMA.draft()).set(NUM_VIRTUAL_TOKENS, numVirtualTokens);
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(SCHEMA.draft(common, values));
    }

    /** Collects settings. */
    public record Builder(ConfigSchema.Draft<PromptTuningConfig> draft)
            implements PromptSettings.Builder<PromptTuningConfig, Builder> {

        /**
         * Lets virtual tokens begin as a text.
         *
         * @param words the text
         * @param tokenizerNameOrPath whose tokenizer reads it: a folder, or the base model by its name
         */
        public Builder text(String words, String tokenizerNameOrPath) {
            return set(PROMPT_TUNING_INIT, Init.TEXT)
                    .set(PROMPT_TUNING_INIT_TEXT, words)
                    .set(TOKENIZER_NAME_OR_PATH, tokenizerNameOrPath);
        }
    }

    /** How virtual tokens begin; the values of {@code prompt_tuning_init}. */
    public enum Init {
        /** As the embeddings of a text's tokens, cut or repeated to fit. */
        TEXT,
        /** As the embeddings of tokens that are drawn from the vocabulary. */
        SAMPLE_VOCAB,
        /** Normal values of deviation 1. */
        RANDOM
    }
}
