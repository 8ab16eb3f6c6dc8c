package io.github.peft4j.methods.prompttuning;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.internal.promptlearning.PromptLearning;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of prompt tuning, Hugging Face's {@code PromptTuningConfig}: {@code PromptTuningConfig.builder(20).text("Classify the
 * complaint: ", "./llama").build()}.
 *
 * @param common what the configs of all methods have
 * @param prompt what the configs of all prompt methods have
 * @param promptTuningInit how virtual tokens begin
 * @param promptTuningInitText the text they begin as, or null
 * @param tokenizerNameOrPath whose tokenizer reads that text: a folder, or the base model by its name; or null
 * @param tokenizerKwargs settings of that tokenizer, or null
 * @see <a href="https://arxiv.org/abs/2104.08691">Lester et al. 2021</a>
 */
public record PromptTuningConfig(
        CommonSettings common,
        PromptLearning prompt,
        PromptTuningInit promptTuningInit,
        @Nullable String promptTuningInitText,
        @Nullable String tokenizerNameOrPath,
        @Nullable Map<String, @Nullable Object> tokenizerKwargs)
        implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "PROMPT_TUNING";

    /**
     * Checks how the settings go together.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message, in Hugging Face PEFT's words
     */
    public PromptTuningConfig {
        tokenizerKwargs =
                tokenizerKwargs == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(tokenizerKwargs));
        boolean text = promptTuningInit == PromptTuningInit.TEXT;
        List<String> problems = new ArrayList<>();
        if (text && (tokenizerNameOrPath == null || tokenizerNameOrPath.isEmpty())) {
            problems.add("When prompt_tuning_init='TEXT', tokenizer_name_or_path can't be "
                    + (tokenizerNameOrPath == null ? "None." : "empty."));
        }
        if (text && promptTuningInitText == null) {
            problems.add("When prompt_tuning_init='TEXT', prompt_tuning_init_text can't be None.");
        }
        if (!text && tokenizerKwargs != null && !tokenizerKwargs.isEmpty()) {
            problems.add("tokenizer_kwargs only valid when using prompt_tuning_init='TEXT'.");
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join(" ", problems));
        }
    }

    /** Starts settings with the number of virtual tokens; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int numVirtualTokens) {
        return new Builder(PromptLearning.of(numVirtualTokens));
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        Builder builder = new Builder(prompt).common(common).init(promptTuningInit);
        builder.text = promptTuningInitText;
        builder.tokenizer = tokenizerNameOrPath;
        return builder.tokenizerKwargs(tokenizerKwargs);
    }

    /**
     * Reads the settings; what is absent takes Hugging Face PEFT's default.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     */
    static PromptTuningConfig read(ConfigValues values) {
        Builder builder = new Builder(PromptLearning.read(values))
                .init(values.constant("prompt_tuning_init", PromptTuningInit.RANDOM))
                .tokenizerKwargs(values.objectOrNull("tokenizer_kwargs"));
        builder.text = values.textOrNull("prompt_tuning_init_text");
        builder.tokenizer = values.textOrNull("tokenizer_name_or_path");
        builder.common(values.finish());
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + values.source() + ")", e);
        }
    }

    @Override
    public String peftType() {
        return PEFT_TYPE;
    }

    @Override
    public PromptTuningConfig withCommon(CommonSettings other) {
        return toBuilder().common(other).build();
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = prompt.settings();
        settings.put("prompt_tuning_init", promptTuningInit.name());
        settings.put("prompt_tuning_init_text", promptTuningInitText);
        settings.put("tokenizer_name_or_path", tokenizerNameOrPath);
        settings.put("tokenizer_kwargs", tokenizerKwargs);
        return settings;
    }

    /** Collects settings. Not safe for concurrent use. */
    public static final class Builder {
        private PromptLearning prompt;
        private CommonSettings common = CommonSettings.forModel();
        private PromptTuningInit init = PromptTuningInit.RANDOM;
        private @Nullable String text;
        private @Nullable String tokenizer;
        private @Nullable Map<String, @Nullable Object> tokenizerKwargs;

        private Builder(PromptLearning prompt) {
            this.prompt = prompt;
        }

        /** What the configs of all methods have; causal language modelling if not given. */
        public Builder common(CommonSettings settings) {
            common = settings;
            return this;
        }

        /** What the configs of all prompt methods have, the number of virtual tokens among them. */
        public Builder prompt(PromptLearning settings) {
            prompt = settings;
            return this;
        }

        /** How virtual tokens begin; at random if not given. */
        public Builder init(PromptTuningInit start) {
            init = start;
            return this;
        }

        /**
         * Lets virtual tokens begin as a text.
         *
         * @param words the text
         * @param tokenizerNameOrPath whose tokenizer reads it: a folder, or the base model by its name
         */
        public Builder text(String words, String tokenizerNameOrPath) {
            init = PromptTuningInit.TEXT;
            text = words;
            tokenizer = tokenizerNameOrPath;
            return this;
        }

        /** Settings of the tokenizer; null for none. */
        public Builder tokenizerKwargs(@Nullable Map<String, @Nullable Object> settings) {
            tokenizerKwargs = settings;
            return this;
        }

        /** Modules that are trained whole, by ends of their paths. */
        public Builder modulesToSave(String... names) {
            prompt = prompt.withModulesToSave(List.of(names));
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if they do not go together
         */
        public PromptTuningConfig build() {
            return new PromptTuningConfig(common, prompt, init, text, tokenizer, tokenizerKwargs);
        }
    }
}
