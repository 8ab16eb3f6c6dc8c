package io.github.peft4j.methods.ia3;

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
 * Settings of (IA)^3, Hugging Face's {@code IA3Config}: {@code Ia3Config.builder().targetModules("k_proj", "v_proj", "down_proj").feedforwardModules("down_proj").build()}.
 *
 * @param common what the configs of all methods have
 * @param targetModules the adapted layers, or null for the architecture's customary ones
 * @param excludeModules layers left out again, or null
 * @param feedforwardModules those of the layers whose inputs are scaled, not their outputs, or null for the architecture's customary ones. As in Hugging Face PEFT a name need not begin at a dot
 * @param fanInFanOut whether the adapted layers' weights lie transposed; set while attaching, as in Hugging Face PEFT
 * @param modulesToSave ends of paths of modules that are trained whole, or null
 * @param initIa3Weights whether the vectors begin as ones, which change nothing, or as normal values
 * @see <a href="https://arxiv.org/abs/2205.05638">Liu et al. 2022</a>
 */
public record Ia3Config(
        CommonSettings common,
        @Nullable TargetModules targetModules,
        @Nullable TargetModules excludeModules,
        @Nullable TargetModules feedforwardModules,
        boolean fanInFanOut,
        @Nullable List<String> modulesToSave,
        boolean initIa3Weights)
        implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "IA3";

    /**
     * Checks the settings and how they go together.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message, in Hugging Face PEFT's words where it has some
     */
    public Ia3Config {
        modulesToSave = modulesToSave == null ? null : List.copyOf(modulesToSave);
        List<String> problems = new ArrayList<>();
        boolean subset = !(feedforwardModules instanceof TargetModules.Named inner)
                || !(targetModules instanceof TargetModules.Named all)
                || all.names().containsAll(inner.names());
        if (!subset) {
            problems.add("`feedforward_modules` should be a subset of `target_modules`");
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
                .targetModules(targetModules)
                .excludeModules(excludeModules)
                .feedforwardModules(feedforwardModules)
                .fanInFanOut(fanInFanOut)
                .modulesToSave(modulesToSave)
                .initIa3Weights(initIa3Weights);
    }

    /**
     * Reads the settings; what is absent takes Hugging Face PEFT's default.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     */
    static Ia3Config read(ConfigValues values) {
        Builder builder = new Builder()
                .targetModules(values.targetsOrNull("target_modules"))
                .excludeModules(values.targetsOrNull("exclude_modules"))
                .feedforwardModules(values.targetsOrNull("feedforward_modules"))
                .fanInFanOut(values.flag("fan_in_fan_out", false))
                .modulesToSave(values.textsOrNull("modules_to_save"))
                .initIa3Weights(values.flag("init_ia3_weights", true));
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
    public Ia3Config withCommon(CommonSettings other) {
        return toBuilder().common(other).build();
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("target_modules", LayerTargets.json(targetModules));
        settings.put("exclude_modules", LayerTargets.json(excludeModules));
        settings.put("feedforward_modules", LayerTargets.json(feedforwardModules));
        settings.put("fan_in_fan_out", fanInFanOut);
        settings.put("modules_to_save", modulesToSave);
        settings.put("init_ia3_weights", initIa3Weights);
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
        private @Nullable TargetModules feedforwardModules;
        private boolean fanInFanOut;
        private @Nullable List<String> modulesToSave;
        private boolean initIa3Weights = true;

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

        /** The layers whose inputs are scaled, by ends of their paths. */
        public Builder feedforwardModules(String... names) {
            return feedforwardModules(TargetModules.named(names));
        }

        /** The layers whose inputs are scaled; null for the architecture's customary ones. */
        public Builder feedforwardModules(@Nullable TargetModules layers) {
            feedforwardModules = layers;
            return this;
        }

        /** Whether the adapted layers' weights lie transposed; set while attaching, as in Hugging Face PEFT. */
        public Builder fanInFanOut(boolean value) {
            fanInFanOut = value;
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

        /** Whether the vectors begin as ones, which change nothing, or as normal values. */
        public Builder initIa3Weights(boolean value) {
            initIa3Weights = value;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException if they are not valid, all that is wrong in one message
         */
        public Ia3Config build() {
            return new Ia3Config(
                    common,
                    targetModules,
                    excludeModules,
                    feedforwardModules,
                    fanInFanOut,
                    modulesToSave,
                    initIa3Weights);
        }
    }
}
