package io.github.peft4j.methods.lntuning;

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
 * Settings of the tuning of norms, Hugging Face's {@code LNTuningConfig}: {@code LnTuningConfig.builder().build()}.
 *
 * @param common what the configs of all methods have
 * @param targetModules the adapted layers, or null for the architecture's customary ones
 * @param excludeModules layers left out again, or null
 * @param modulesToSave ends of paths of modules that are trained whole, or null
 * @see <a href="https://arxiv.org/abs/2312.11420">Zhao et al. 2024</a>
 */
public record LnTuningConfig(
        CommonSettings common,
        @Nullable TargetModules targetModules,
        @Nullable TargetModules excludeModules,
        @Nullable List<String> modulesToSave)
        implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "LN_TUNING";

    /**
     * Checks the settings and how they go together.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message, in Hugging Face PEFT's words where it has some
     */
    public LnTuningConfig {
        modulesToSave = modulesToSave == null ? null : List.copyOf(modulesToSave);
        List<String> problems = new ArrayList<>();
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
                .targetModules(targetModules)
                .excludeModules(excludeModules)
                .modulesToSave(modulesToSave);
    }

    /**
     * Reads the settings; what is absent takes Hugging Face PEFT's default.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     */
    static LnTuningConfig read(ConfigValues values) {
        Builder builder = new Builder()
                .targetModules(values.targetsOrNull("target_modules"))
                .excludeModules(values.targetsOrNull("exclude_modules"))
                .modulesToSave(values.textsOrNull("modules_to_save"));
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
    public LnTuningConfig withCommon(CommonSettings other) {
        return toBuilder().common(other).build();
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("target_modules", LayerTargets.json(targetModules));
        settings.put("exclude_modules", LayerTargets.json(excludeModules));
        settings.put("modules_to_save", modulesToSave);
        return settings;
    }

    /** The settings by which layers are found. */
    LayerTargets targets() {
        return new LayerTargets(targetModules, excludeModules, null, null, modulesToSave);
    }

    /** Collects settings. Not safe for concurrent use. */
    public static final class Builder {
        private CommonSettings common = CommonSettings.forModel();
        private @Nullable TargetModules targetModules;
        private @Nullable TargetModules excludeModules;
        private @Nullable List<String> modulesToSave;

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

        /** Modules that are trained whole, by ends of their paths. */
        public Builder modulesToSave(String... names) {
            return modulesToSave(List.of(names));
        }

        /** Modules that are trained whole, by ends of their paths; null for none. */
        public Builder modulesToSave(@Nullable List<String> names) {
            modulesToSave = names;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if they are not valid, all that is wrong in one message
         */
        public LnTuningConfig build() {
            return new LnTuningConfig(common, targetModules, excludeModules, modulesToSave);
        }
    }
}
