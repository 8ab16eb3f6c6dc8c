package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.internal.pattern.PatternTable;
import io.github.peft4j.core.target.BaseModules;
import io.github.peft4j.methods.internal.layers.AdaptedLayer;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the wrappers of LoHa or LoKr around a model's layers. */
final class LycorisLayers {

    private static final Logger LOG = LoggerFactory.getLogger(LycorisLayers.class);

    private LycorisLayers() {}

    /** Makes the wrapper of one layer. */
    @FunctionalInterface
    interface Maker {
        /**
         * Makes a wrapper.
         *
         * @param standing what it wraps
         * @param layer the layer under all wrappers
         */
        AdaptedLayer make(Module standing, Linear layer, int rank, double scale);
    }

    /**
     * Wraps layers; on failure the model is as before.
     *
     * @throws IllegalArgumentException if one of them is of a kind that cannot be adapted
     */
    static AdaptedLayers attach(Model<?> model, List<String> paths, LycorisSettings settings, Maker maker) {
        BaseModules modules = BaseModules.of(model);
        paths.forEach(path -> check(path, modules.base(path)));
        PatternTable<Integer> ranks = PatternTable.of(settings.rankPattern());
        PatternTable<Number> alphas = PatternTable.of(settings.alphaPattern());
        warnOfUnmatched("rank_pattern", ranks, paths);
        warnOfUnmatched("alpha_pattern", alphas, paths);
        warnOfTransposed(modules, paths);
        return AdaptedLayers.attach(model, layers -> {
            for (String path : paths) {
                int rank = ranks.get(path, settings.r());
                double scale = alphas.get(path, settings.alpha()).doubleValue() / rank;
                Linear layer = (Linear) modules.base(path);
                layers.wrap(path, standing -> maker.make(standing, layer, rank, scale));
            }
        });
    }

    private static void check(String path, Module layer) {
        if (!(layer instanceof Linear)) {
            throw new IllegalArgumentException("Target module " + path + " ("
                    + layer.getClass().getSimpleName()
                    + ") not supported, currently only adapters for linear layers are supported");
        }
    }

    private static void warnOfUnmatched(String setting, PatternTable<?> patterns, List<String> paths) {
        List<String> unmatched = patterns.unmatched(paths);
        if (!unmatched.isEmpty()) {
            LOG.warn(
                    "The following {} keys did not match any targeted module and were ignored: {}.",
                    setting,
                    Printable.message(unmatched.toString()));
        }
    }

    private static void warnOfTransposed(BaseModules modules, List<String> paths) {
        if (paths.stream().anyMatch(path -> ((Linear) modules.base(path)).isConv1d())) {
            LOG.warn(
                    "Hugging Face PEFT has LoHa and LoKr for linear layers only, not for GPT-2's Conv1D layers, and cannot"
                            + " load this adapter; it works here.");
        }
    }
}
