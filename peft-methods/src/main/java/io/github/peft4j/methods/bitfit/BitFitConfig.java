package io.github.peft4j.methods.bitfit;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.pattern.OneOrMany;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of BitFit: {@code BitFitConfig.builder().build()}.
 *
 * @param common what the configs of all methods have
 * @param targetModules the adapted layers, or null for the architecture's customary ones
 * @param excludeModules layers left out again, or null
 * @param layersToTransform indices of the only blocks whose layers are adapted, or null for all
 * @param layersPattern names of the lists of blocks that those indices count in, or null for any
 * @see <a href="https://arxiv.org/abs/2106.10199">Ben Zaken, Ravfogel and Goldberg 2022</a>
 */
public record BitFitConfig(
        CommonSettings common,
        @Nullable TargetModules targetModules,
        @Nullable TargetModules excludeModules,
        @Nullable OneOrMany<Integer> layersToTransform,
        @Nullable OneOrMany<String> layersPattern)
        implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "BITFIT";

    /**
     * Checks the settings and how they go together.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message
     */
    public BitFitConfig {
        List<String> problems = new ArrayList<>();
        new LayerTargets(targetModules, excludeModules, layersToTransform, layersPattern, null).check(problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
    }

    /** Starts settings; all have their defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** These settings, to be changed. */
    public Builder toBuilder() {
        return new Builder()
                .common(common)
                .targetModules(targetModules)
                .excludeModules(excludeModules)
                .layersToTransform(layersToTransform)
                .layersPattern(layersPattern);
    }

    /**
     * Reads the settings; what is absent takes its default.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     */
    static BitFitConfig read(ConfigValues values) {
        Builder builder = new Builder()
                .targetModules(values.targetsOrNull("target_modules"))
                .excludeModules(values.targetsOrNull("exclude_modules"))
                .layersToTransform(values.oneOrManyIntegers("layers_to_transform"))
                .layersPattern(values.oneOrManyTexts("layers_pattern"));
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
    public BitFitConfig withCommon(CommonSettings other) {
        return toBuilder().common(other).build();
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("target_modules", LayerTargets.json(targetModules));
        settings.put("exclude_modules", LayerTargets.json(excludeModules));
        settings.put("layers_to_transform", LayerTargets.json(layersToTransform));
        settings.put("layers_pattern", LayerTargets.json(layersPattern));
        return settings;
    }

    /** The settings by which layers are found. */
    LayerTargets targets() {
        return new LayerTargets(targetModules, excludeModules, layersToTransform, layersPattern, null);
    }

    /** Collects settings. Not safe for concurrent use. */
    public static final class Builder {
        private CommonSettings common = CommonSettings.forModel();
        private @Nullable TargetModules targetModules;
        private @Nullable TargetModules excludeModules;
        private @Nullable OneOrMany<Integer> layersToTransform;
        private @Nullable OneOrMany<String> layersPattern;

        private Builder() {}

        /** What the configs of all methods have; causal language modelling if not given. */
        public Builder common(CommonSettings settings) {
            common = settings;
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

        /** Layers left out again, by ends of their paths. */
        public Builder excludeModules(String... names) {
            return excludeModules(TargetModules.named(names));
        }

        /** Layers left out again; null for none. */
        public Builder excludeModules(@Nullable TargetModules excluded) {
            excludeModules = excluded;
            return this;
        }

        /** The only blocks whose layers are adapted, counted from 0. */
        public Builder layersToTransform(Integer... indices) {
            return layersToTransform(OneOrMany.many(List.of(indices)));
        }

        /** The only blocks whose layers are adapted, counted from 0; null for all. */
        public Builder layersToTransform(@Nullable OneOrMany<Integer> indices) {
            layersToTransform = indices;
            return this;
        }

        /** Names of the lists of blocks that {@link #layersToTransform} counts in; null for any. */
        public Builder layersPattern(@Nullable OneOrMany<String> names) {
            layersPattern = names;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if they are not valid, all that is wrong in one message
         */
        public BitFitConfig build() {
            return new BitFitConfig(common, targetModules, excludeModules, layersToTransform, layersPattern);
        }
    }
}
