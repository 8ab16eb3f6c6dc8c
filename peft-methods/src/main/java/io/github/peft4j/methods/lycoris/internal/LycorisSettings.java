package io.github.peft4j.methods.lycoris.internal;

import io.github.peft4j.core.config.ConfigBuilder;
import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.Setting;
import io.github.peft4j.methods.internal.layers.RankSettings;

/**
 * What LoHa and LoKr are set with alike, Hugging Face's {@code LycorisConfig} and more.
 *
 * @param <C> the config of one of them
 */
public interface LycorisSettings<C extends LycorisSettings<C>> extends LayerSettings.All, RankSettings {

    Setting<Integer> R = RankSettings.rank(8, "rank R");
    Setting<Number> ALPHA = Setting.numberAsWritten("alpha", 8, "alpha; whole or not, written as given");
    Setting<Double> RANK_DROPOUT = Setting.dropout(
            "rank_dropout",
            "probability with which an output of the update is dropped in a training pass, for all tokens alike");
    Setting<Double> MODULE_DROPOUT = Setting.number(
                    "module_dropout", 0, "probability with which a layer goes without its update in a training pass")
            .in("from 0 to 1", share -> share >= 0 && share <= 1);
    Setting<Boolean> USE_EFFECTIVE_CONV2D =
            Setting.flag("use_effective_conv2d", false, "concerns convolutions; kept, without effect");

    /** Starts the schema of a method. */
    static ConfigSchema.Builder schema(String peftType) {
        return ConfigSchema.of(peftType)
                .settings(R, ALPHA, RANK_DROPOUT, MODULE_DROPOUT)
                .settings(LayerSettings.TARGET_MODULES, LayerSettings.EXCLUDE_MODULES)
                .settings(LayerSettings.LAYERS_TO_TRANSFORM, LayerSettings.LAYERS_PATTERN, RANK_PATTERN, ALPHA_PATTERN)
                .settings(LayerSettings.MODULES_TO_SAVE, USE_EFFECTIVE_CONV2D)
                .rule(LayerSettings::requireIndices);
    }

    /** Rank of the updates, at least 1. */
    default int r() {
        return values().get(R);
    }

    /** \(\alpha\); an update is scaled by \(\alpha / r\). Whole or not, as it is written. */
    default Number alpha() {
        return values().get(ALPHA);
    }

    /** Probability with which an output of an update is dropped in training, from 0 to below 1. */
    default double rankDropout() {
        return values().get(RANK_DROPOUT);
    }

    /** Probability with which a whole update is dropped in training, from 0 to 1. */
    default double moduleDropout() {
        return values().get(MODULE_DROPOUT);
    }

    /** These settings, to be changed. */
    Builder<C, ?> toBuilder();

    /**
     * Collects settings of either.
     *
     * @param <C> its config
     * @param <B> the builder itself
     */
    interface Builder<C extends PeftConfig, B extends Builder<C, B>>
            extends ConfigBuilder<C, B>, LayerSettings.AllBuilder<B>, RankSettings.Builder<B> {

        /** Probability with which an output of an update is dropped in training; 0 if not given. */
        default B rankDropout(double probability) {
            return set(RANK_DROPOUT, probability);
        }

        /** Probability with which a whole update is dropped in training; 0 if not given. */
        default B moduleDropout(double probability) {
            return set(MODULE_DROPOUT, probability);
        }
    }
}
