package io.github.peft4j.methods.vera.internal;

import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.internal.trained.ModulesToSave;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.core.selection.ModuleSelection;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.DefaultTargets;
import io.github.peft4j.methods.internal.layers.LayerMerge;
import io.github.peft4j.methods.internal.layers.LayerTargets;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.vera.VeraConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import java.util.Map;

/**
 * VeRA: layers with updates through shared random matrices, and what Hugging Face PEFT's {@code VeraConfig} makes of that.
 *
 * @see <a href="https://arxiv.org/abs/2310.11454">Kopiczko, Blankevoort and Asano 2024</a>
 */
public final class VeraMethod extends PeftMethod<VeraConfig> {

    /** For the registry of methods. */
    public VeraMethod() {
        super(
                "vera",
                VeraConfig.SCHEMA,
                new Defaults(4e-3, new Defaults.Trial(450, 1e-1, Map.of("r", 64, "target_modules", "all-linear"))));
    }

    @Override
    public Adapter attach(Model<?> model, VeraConfig config, AttachContext context) {
        ModuleSelection.Selected selected =
                LayerTargets.of(config).select(model, DefaultTargets.QUERIES_AND_VALUES, context);
        List<String> paths = selected.paths();
        LayerTargets.requireLinear(model, paths);
        VeraConfig settled = config.toBuilder()
                .targetModules(selected.targets())
                .set(LayerSettings.FAN_IN_FAN_OUT, LayerTargets.liesTransposed(model, paths, config))
                .build();
        try (AdapterParts parts = new AdapterParts(model, context)) {
            Projections shared = parts.add(projections(model, paths, config, context));
            AdaptedLayers layers = parts.add(
                    AdaptedLayers.attach(model, wrapped -> wrap(model, wrapped, paths, config, context, shared)));
            ModulesToSave whole = parts.addWhole(config.modulesToSave());
            parts.addBiases(config.get(VeraConfig.BIAS), layers, whole, "VeraModel");
            return parts.adapter(settled, new LayerMerge(model, context.adapterName(), layers.byPath()));
        }
    }

    private static Projections projections(
            Model<?> model, List<String> paths, VeraConfig config, AttachContext context) {
        BaseModules modules = BaseModules.of(model);
        long in = 0;
        long out = 0;
        for (String path : paths) {
            Linear linear = (Linear) modules.base(path);
            in = Math.max(in, linear.in());
            out = Math.max(out, linear.out());
        }
        return Projections.of(
                model,
                context,
                config.get(VeraConfig.PROJECTION_PRNG_KEY),
                config.get(VeraConfig.R),
                in,
                out,
                config.get(VeraConfig.SAVE_PROJECTION),
                paths);
    }

    private static void wrap(
            Model<?> model,
            AdaptedLayers layers,
            List<String> paths,
            VeraConfig config,
            AttachContext context,
            Projections shared) {
        BaseModules modules = BaseModules.of(model);
        NewWeights first = NewWeights.of(model, context);
        boolean nothing = config.get(VeraConfig.INIT_WEIGHTS);
        for (String path : paths) {
            long out = ((Linear) modules.base(path)).out();
            Weight scaleOfA = nothing
                    ? first.constant("vera_lambda_d", config.get(VeraConfig.D_INITIAL), config.get(VeraConfig.R))
                    : first.normal("vera_lambda_d", config.get(VeraConfig.R));
            Weight scaleOfB = first.constant("vera_lambda_b", nothing ? 0 : 1, out);
            layers.wrap(
                    path,
                    base -> new VeraLinear(base, shared, scaleOfA, scaleOfB, config.get(VeraConfig.VERA_DROPOUT)));
        }
    }
}
