package io.github.peft4j.methods.vera;

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
 * Settings of VeRA, Hugging Face's {@code VeraConfig}: {@code VeraConfig.builder().r(256).build()}.
 *
 * @param common what the configs of all methods have
 * @param r rank of the shared projections, at least 1
 * @param targetModules the adapted layers, or null for the architecture's customary ones
 * @param projectionPrngKey the seed that the shared projections are drawn with
 * @param saveProjection whether the projections are saved, or drawn again from the seed when the adapter is loaded
 * @param veraDropout probability with which a value is dropped on its way into an update in training, from 0 to below 1
 * @param dInitial first value of the vectors d
 * @param fanInFanOut whether the adapted layers' weights lie transposed; set while attaching, as in Hugging Face PEFT
 * @param bias which of the model's own biases are trained
 * @param modulesToSave ends of paths of modules that are trained whole, or null
 * @param initWeights whether an update begins at nothing: {@code false} is for tests
 * @param layersToTransform indices of the only blocks whose layers are adapted, or null for all
 * @param layersPattern names of the lists of blocks that those indices count in, or null for any
 * @see <a href="https://arxiv.org/abs/2310.11454">Kopiczko, Blankevoort and Asano 2024</a>
 */
public record VeraConfig(
        CommonSettings common,
        int r,
        @Nullable TargetModules targetModules,
        int projectionPrngKey,
        boolean saveProjection,
        double veraDropout,
        double dInitial,
        boolean fanInFanOut,
        VeraBias bias,
        @Nullable List<String> modulesToSave,
        boolean initWeights,
        @Nullable OneOrMany<Integer> layersToTransform,
        @Nullable OneOrMany<String> layersPattern)
        implements PeftConfig {

    /** The value of {@code peft_type}. */
    public static final String PEFT_TYPE = "VERA";

    /** Hugging Face PEFT's default of {@code r}. */
    public static final int DEFAULT_RANK = 256;

    /** Hugging Face PEFT's default of {@code d_initial}. */
    public static final double DEFAULT_D = 0.1;

    /**
     * Checks the settings and how they go together.
     *
     * @throws IllegalArgumentException if something is wrong: all of it in one message, in Hugging Face PEFT's words where it has some
     */
    public VeraConfig {
        modulesToSave = modulesToSave == null ? null : List.copyOf(modulesToSave);
        List<String> problems = new ArrayList<>();
        if (r < 1) {
            problems.add("`r` should be a positive integer value but the value passed is " + r);
        }
        if (!(veraDropout >= 0 && veraDropout < 1)) {
            problems.add("vera_dropout must be at least 0 and below 1, got " + veraDropout);
        }
        new LayerTargets(targetModules, null, layersToTransform, layersPattern, null).checkPattern(problems);
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
                .r(r)
                .targetModules(targetModules)
                .projectionPrngKey(projectionPrngKey)
                .saveProjection(saveProjection)
                .veraDropout(veraDropout)
                .dInitial(dInitial)
                .fanInFanOut(fanInFanOut)
                .bias(bias)
                .modulesToSave(modulesToSave)
                .initWeights(initWeights)
                .layersToTransform(layersToTransform)
                .layersPattern(layersPattern);
    }

    /**
     * Reads the settings; what is absent takes Hugging Face PEFT's default.
     *
     * @throws IllegalArgumentException if values are bad or do not go together, all of them in one message
     */
    static VeraConfig read(ConfigValues values) {
        Builder builder = new Builder()
                .r(values.integer("r", DEFAULT_RANK))
                .targetModules(values.targetsOrNull("target_modules"))
                .projectionPrngKey(values.integer("projection_prng_key", 0))
                .saveProjection(values.flag("save_projection", true))
                .veraDropout(values.number("vera_dropout", 0))
                .dInitial(values.number("d_initial", DEFAULT_D))
                .fanInFanOut(values.flag("fan_in_fan_out", false))
                .bias(bias(values))
                .modulesToSave(values.textsOrNull("modules_to_save"))
                .initWeights(values.flag("init_weights", true))
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
    public VeraConfig withCommon(CommonSettings other) {
        return toBuilder().common(other).build();
    }

    @Override
    public Map<String, @Nullable Object> settings() {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        settings.put("r", r);
        settings.put("target_modules", LayerTargets.json(targetModules));
        settings.put("projection_prng_key", projectionPrngKey);
        settings.put("save_projection", saveProjection);
        settings.put("vera_dropout", veraDropout);
        settings.put("d_initial", dInitial);
        settings.put("fan_in_fan_out", fanInFanOut);
        settings.put("bias", bias.json());
        settings.put("modules_to_save", modulesToSave);
        settings.put("init_weights", initWeights);
        settings.put("layers_to_transform", LayerTargets.json(layersToTransform));
        settings.put("layers_pattern", LayerTargets.json(layersPattern));
        return settings;
    }

    /** The settings by which layers are found. */
    LayerTargets targets() {
        return new LayerTargets(targetModules, null, layersToTransform, layersPattern, modulesToSave);
    }

    private static VeraBias bias(ConfigValues values) {
        try {
            return VeraBias.of(values.text("bias", "none"));
        } catch (IllegalArgumentException e) {
            values.reject(String.valueOf(e.getMessage()));
            return VeraBias.NONE;
        }
    }

    /** Collects settings. Not safe for concurrent use. */
    public static final class Builder {
        private CommonSettings common = CommonSettings.forModel();
        private int r = DEFAULT_RANK;
        private @Nullable TargetModules targetModules;
        private int projectionPrngKey = 0;
        private boolean saveProjection = true;
        private double veraDropout = 0;
        private double dInitial = DEFAULT_D;
        private boolean fanInFanOut;
        private VeraBias bias = VeraBias.NONE;
        private @Nullable List<String> modulesToSave;
        private boolean initWeights = true;
        private @Nullable OneOrMany<Integer> layersToTransform;
        private @Nullable OneOrMany<String> layersPattern;

        private Builder() {}

        /** What the configs of all methods have; causal language modelling if not given. */
        public Builder common(CommonSettings settings) {
            common = settings;
            return this;
        }

        /** Rank of the shared projections, at least 1. */
        public Builder r(int value) {
            r = value;
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

        /** The seed that the shared projections are drawn with. */
        public Builder projectionPrngKey(int value) {
            projectionPrngKey = value;
            return this;
        }

        /** Whether the projections are saved, or drawn again from the seed when the adapter is loaded. */
        public Builder saveProjection(boolean value) {
            saveProjection = value;
            return this;
        }

        /** Probability with which a value is dropped on its way into an update in training, from 0 to below 1. */
        public Builder veraDropout(double value) {
            veraDropout = value;
            return this;
        }

        /** First value of the vectors d. */
        public Builder dInitial(double value) {
            dInitial = value;
            return this;
        }

        /** Whether the adapted layers' weights lie transposed; set while attaching, as in Hugging Face PEFT. */
        public Builder fanInFanOut(boolean value) {
            fanInFanOut = value;
            return this;
        }

        /** Which of the model's own biases are trained. */
        public Builder bias(VeraBias value) {
            bias = value;
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

        /** Whether an update begins at nothing: {@code false} is for tests. */
        public Builder initWeights(boolean value) {
            initWeights = value;
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
        public VeraConfig build() {
            return new VeraConfig(
                    common,
                    r,
                    targetModules,
                    projectionPrngKey,
                    saveProjection,
                    veraDropout,
                    dInitial,
                    fanInFanOut,
                    bias,
                    modulesToSave,
                    initWeights,
                    layersToTransform,
                    layersPattern);
        }
    }
}
