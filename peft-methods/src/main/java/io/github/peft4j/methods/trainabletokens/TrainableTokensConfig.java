package io.github.peft4j.methods.trainabletokens;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the training of single tokens' vectors, Hugging Face's {@code TrainableTokensConfig}: {@code TrainableTokensConfig.builder().tokenIndices(50000, 50001).build()}.
 *
 * @param common what the configs of all methods have
 * @param tokenIndices the tokens whose vectors are trained, by number
 * @param targetModules the adapted layers, or null for the architecture's customary ones
 * @param initWeights whether the vectors begin as they are in the model, or as normal values
 */
public record TrainableTokensConfig(
        CommonSettings common,
        List<Integer> tokenIndices,
        @Nullable TargetModules targetModules,
        boolean initWeights) implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "TRAINABLE_TOKENS";

    /**
     * Checks the settings and how they go together.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message, in Hugging Face PEFT's words where it has some
     */
    public TrainableTokensConfig {
        tokenIndices = List.copyOf(tokenIndices);
        List<String> problems = new ArrayList<>();
        tokenIndices.stream()
                .filter(token -> token < 0)
                .forEach(token -> problems.add("token_indices must hold numbers of tokens, from 0 on, got " + token));
        if (tokenIndices.stream().distinct().count() < tokenIndices.size()) {
            problems.add("token_indices must name each token once, got " + tokenIndices);
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Starts settings; all have Hugging Face PEFT's defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder()
                .common(common)
                .tokenIndices(tokenIndices)
                .targetModules(targetModules)
                .initWeights(initWeights);
    }

    /**
     * Reads the settings; what is absent takes Hugging Face PEFT's default.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     */
    static TrainableTokensConfig read(ConfigValues values) {
        Builder builder = new Builder()
                .tokenIndices(indices(values))
                .targetModules(values.targetsOrNull("target_modules"))
                .initWeights(values.flag("init_weights", true));
        CommonSettings common = values.finish();
        try {
            return builder.common(common).build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + values.source() + ")", e);
        }
    }

    @Override
    public String peftType() {
        return PEFT_TYPE;
    }

    @Override
    public TrainableTokensConfig withCommon(CommonSettings other) {
        return toBuilder().common(other).build();
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("token_indices", tokenIndices);
        settings.put("target_modules", LayerTargets.json(targetModules));
        settings.put("init_weights", initWeights);
        return settings;
    }

    /** The settings by which layers are found. */
    LayerTargets targets() {
        return new LayerTargets(targetModules, null, null, null, null);
    }

    private static List<Integer> indices(ConfigValues values) {
        List<Integer> indices = values.integersOrNull("token_indices");
        return indices == null ? List.of() : indices;
    }

    /** Collects settings. Not safe for concurrent use. */
    public static final class Builder {
        private CommonSettings common = CommonSettings.forModel();
        private List<Integer> tokenIndices = List.of();
        private @Nullable TargetModules targetModules;
        private boolean initWeights = true;

        private Builder() {}

        /** What the configs of all methods have; causal language modelling if not given. */
        public Builder common(CommonSettings settings) {
            common = settings;
            return this;
        }

        /** The tokens whose vectors are trained, by number. */
        public Builder tokenIndices(Integer... indices) {
            return tokenIndices(List.of(indices));
        }

        /** The tokens whose vectors are trained, by number. */
        public Builder tokenIndices(List<Integer> indices) {
            tokenIndices = indices;
            return this;
        }

        /** The layers whose path is, or ends after a dot in, one of these names. */
        public Builder targetModules(String... names) {
            return targetModules(TargetModules.named(names));
        }

        /** The adapted layers; null for the architecture's customary ones. */
        public Builder targetModules(@Nullable TargetModules targets) {
            targetModules = targets;
            return this;
        }

        /** Whether the vectors begin as they are in the model, or as normal values. */
        public Builder initWeights(boolean value) {
            initWeights = value;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if they are not valid, all that is wrong in one message
         */
        public TrainableTokensConfig build() {
            return new TrainableTokensConfig(common, tokenIndices, targetModules, initWeights);
        }
    }
}
