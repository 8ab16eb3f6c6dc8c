package io.github.peft4j.methods.lycoris.internal;

import io.github.peft4j.core.config.ConfigSchema;
import io.github.peft4j.core.internal.pattern.PatternTable;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.methods.internal.layers.AdaptedLayer;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.DefaultTargets;
import io.github.peft4j.methods.internal.layers.LayerMerge;
import io.github.peft4j.methods.internal.layers.LayerPatterns;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.layers.RankSettings;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * LoHa or LoKr: layers with updates that are put together from small matrices by another product than LoRA's.
 *
 * @param <C> the method's config
 */
abstract class LycorisMethod<C extends LycorisSettings<C>> extends PeftMethod<C> {

    private static final Logger LOG = LoggerFactory.getLogger(LycorisMethod.class);

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
     * A method.
     *
     * @param learningRate where to begin on models of ordinary size
     * @param trialRate the same for a short run over a small model
     */
    LycorisMethod(String name, ConfigSchema<C> schema, double learningRate, double trialRate) {
        super(
                name,
                schema,
                new Defaults(
                        learningRate,
                        new Defaults.Trial(
                                450, trialRate, Map.of("r", 8, "alpha", 16, "target_modules", "all-linear"))));
    }

    /** What makes the wrappers of an adapter. */
    abstract Maker maker(C config, NewWeights first);

    @Override
    public final Adapter attach(Model<?> model, C config, AttachContext context) {
        ModuleSelection.Selected selected =
                LayerTargets.of(config).select(model, DefaultTargets.QUERIES_AND_VALUES, context);
        Maker maker = maker(config, NewWeights.of(model, context));
        try (AdapterParts parts = new AdapterParts(model, context)) {
            AdaptedLayers layers = parts.add(wrap(model, selected.paths(), config, maker));
            parts.addWhole(config.modulesToSave());
            return parts.adapter(
                    config.toBuilder().targetModules(selected.targets()).build(),
                    new LayerMerge(model, context.adapterName(), layers.byPath()));
        }
    }

    private static AdaptedLayers wrap(Model<?> model, List<String> paths, LycorisSettings<?> settings, Maker maker) {
        BaseModules modules = BaseModules.of(model);
        paths.forEach(path -> check(path, modules.base(path)));
        PatternTable<Integer> ranks = LayerPatterns.of(RankSettings.RANK_PATTERN, settings, paths);
        PatternTable<Number> alphas = LayerPatterns.of(RankSettings.ALPHA_PATTERN, settings, paths);
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

    private static void warnOfTransposed(BaseModules modules, List<String> paths) {
        if (paths.stream().anyMatch(path -> ((Linear) modules.base(path)).isConv1d())) {
            LOG.warn(
                    "Hugging Face PEFT has LoHa and LoKr for linear layers only, not for GPT-2's Conv1D layers, and cannot"
                            + " load this adapter; it works here.");
        }
    }
}
