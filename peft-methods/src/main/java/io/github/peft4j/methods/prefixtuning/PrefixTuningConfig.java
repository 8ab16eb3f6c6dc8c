package io.github.peft4j.methods.prefixtuning;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.internal.promptlearning.PromptLearning;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of prefix tuning, Hugging Face's {@code PrefixTuningConfig}: {@code PrefixTuningConfig.builder(30).build()}.
 *
 * @param common what the configs of all methods have
 * @param prompt what the configs of all prompt methods have
 * @param initWeights {@code zero} for a prefix, or a projection's outcome, that begins at zero; null for a random one
 * @param encoderHiddenSize Hd, the projection's inner width; null for that of a layer's keys
 * @param prefixProjection whether a network computes the prefix
 * @param legacyBloomLayout whether a saved prefix was trained with a transformers that lays Bloom's keys and values out in another order,
 *     4.43 or older. Nothing in such a file says so. A setting of this library's own, which loading puts right and takes out
 * @see <a href="https://arxiv.org/abs/2101.00190">Li and Liang 2021</a>
 */
public record PrefixTuningConfig(
        CommonSettings common,
        PromptLearning prompt,
        @Nullable String initWeights,
        @Nullable Integer encoderHiddenSize,
        boolean prefixProjection,
        boolean legacyBloomLayout)
        implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "PREFIX_TUNING";

    /** The value of {@code init_weights} for a prefix that begins at zero. */
    public static final String ZERO = "zero";

    private static final String LEGACY = "legacy_bloom_layout";

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message
     */
    public PrefixTuningConfig {
        List<String> problems = new ArrayList<>();
        if (initWeights != null && !initWeights.equals(ZERO)) {
            problems.add("init_weights must be " + ZERO + " or null, got " + initWeights);
        }
        if (encoderHiddenSize != null && encoderHiddenSize < 1) {
            problems.add("encoder_hidden_size must be at least 1, got " + encoderHiddenSize);
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Starts settings with the number of places of the prefix; all others have Hugging Face PEFT's defaults. */
    public static Builder builder(int numVirtualTokens) {
        return new Builder(PromptLearning.of(numVirtualTokens));
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder(prompt)
                .common(common)
                .initWeights(initWeights)
                .encoderHiddenSize(encoderHiddenSize)
                .prefixProjection(prefixProjection)
                .legacyBloomLayout(legacyBloomLayout);
    }

    /**
     * Reads the settings; what is absent takes Hugging Face PEFT's default.
     *
     * @throws IllegalArgumentException if values are bad, all of them in one message
     */
    static PrefixTuningConfig read(ConfigValues values) {
        Builder builder = new Builder(PromptLearning.read(values))
                .initWeights(values.textOrNull("init_weights"))
                .encoderHiddenSize(values.integerOrNull("encoder_hidden_size"))
                .prefixProjection(values.flag("prefix_projection", false))
                .legacyBloomLayout(values.flag(LEGACY, false));
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
    public PrefixTuningConfig withCommon(CommonSettings other) {
        return toBuilder().common(other).build();
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = prompt.settings();
        settings.put("init_weights", initWeights);
        settings.put("encoder_hidden_size", encoderHiddenSize);
        settings.put("prefix_projection", prefixProjection);
        if (legacyBloomLayout) {
            settings.put(LEGACY, true);
        }
        return settings;
    }

    /** Collects settings. Not safe for concurrent use. */
    public static final class Builder {
        private PromptLearning prompt;
        private CommonSettings common = CommonSettings.forModel();
        private @Nullable String initWeights;
        private @Nullable Integer encoderHiddenSize;
        private boolean prefixProjection;
        private boolean legacyBloomLayout;

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

        /** {@link PrefixTuningConfig#ZERO} for a prefix that begins at zero; null for a random one. */
        public Builder initWeights(@Nullable String name) {
            initWeights = name;
            return this;
        }

        /** The projection's inner width; null for that of a layer's keys. */
        public Builder encoderHiddenSize(@Nullable Integer width) {
            encoderHiddenSize = width;
            return this;
        }

        /** Whether a network computes the prefix; it does not if not given. */
        public Builder prefixProjection(boolean projected) {
            prefixProjection = projected;
            return this;
        }

        /** Whether a saved prefix was trained for a Bloom of transformers 4.43 or older. */
        public Builder legacyBloomLayout(boolean legacy) {
            legacyBloomLayout = legacy;
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
         * @throws IllegalArgumentException if they are wrong
         */
        public PrefixTuningConfig build() {
            return new PrefixTuningConfig(
                    common, prompt, initWeights, encoderHiddenSize, prefixProjection, legacyBloomLayout);
        }
    }
}
