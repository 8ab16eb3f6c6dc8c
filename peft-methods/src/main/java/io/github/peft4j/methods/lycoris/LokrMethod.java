package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.config.ConfigValues;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.target.ModuleSelection;
import io.github.peft4j.methods.internal.layers.AdaptedLayers;
import io.github.peft4j.methods.internal.layers.AdapterParts;
import io.github.peft4j.methods.internal.layers.LayerMerge;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.lycoris.KroneckerFactor.Start;
import io.github.peft4j.models.Model;
import java.util.Map;

/**
 * LoKr: layers with an update that is a Kronecker product.
 *
 * @see <a href="https://arxiv.org/abs/2309.14859">Yeh et al. 2024</a>
 */
public final class LokrMethod implements PeftMethod<LokrConfig> {

    /** For the registry of methods. */
    public LokrMethod() {}

    @Override
    public String peftType() {
        return LokrConfig.PEFT_TYPE;
    }

    @Override
    public String name() {
        return "lokr";
    }

    @Override
    public PeftMethod.Defaults defaults() {
        return new PeftMethod.Defaults(
                1e-3,
                new PeftMethod.Defaults.Trial(450, 1e-2, Map.of("r", 8, "alpha", 16, "target_modules", "all-linear")));
    }

    @Override
    public LokrConfig read(ConfigValues values) {
        return LokrConfig.read(values);
    }

    @Override
    public Adapter attach(Model<?> model, LokrConfig config, AttachContext context) {
        LycorisSettings settings = config.lycoris();
        ModuleSelection.Selected selected = settings.targets().select(model, LohaMethod.PURPOSE, context);
        NewWeights first = NewWeights.of(model, context);
        LycorisDropout dropout =
                new LycorisDropout(settings.rankDropout(), settings.moduleDropout(), config.rankDropoutScale());
        try (AdapterParts parts = new AdapterParts(model, context)) {
            AdaptedLayers layers = parts.add(LycorisLayers.attach(
                    model, selected.paths(), settings, (standing, layer, rank, scale) -> {
                        KroneckerSizes sizes = KroneckerSizes.of(layer.in(), layer.out(), config.decomposeFactor());
                        KroneckerFactor left = left(first, config, sizes, rank);
                        KroneckerFactor right = right(first, config, sizes, rank);
                        return new LokrLinear(standing, left, right, sizes, scale, dropout);
                    }));
            parts.addWhole(settings.targets().modulesToSave());
            return parts.adapter(
                    config.withTargetModules(selected.targets()),
                    new LayerMerge(model, context.adapterName(), layers.byPath()));
        }
    }

    private static KroneckerFactor left(NewWeights first, LokrConfig config, KroneckerSizes sizes, int rank) {
        Start start = config.initWeights().equals("true") ? Start.LEFT_ZERO : Start.UNIFORM;
        return config.decomposeBoth() && sizes.splitsLeft(rank)
                ? KroneckerFactor.product("lokr_w1", first, sizes.outLeft(), sizes.inLeft(), rank, start)
                : KroneckerFactor.whole("lokr_w1", first, sizes.outLeft(), sizes.inLeft(), start);
    }

    private static KroneckerFactor right(NewWeights first, LokrConfig config, KroneckerSizes sizes, int rank) {
        Start start = config.initWeights().equals("lycoris") ? Start.RIGHT_ZERO : Start.UNIFORM;
        return sizes.splitsRight(rank)
                ? KroneckerFactor.product("lokr_w2", first, sizes.outRight(), sizes.inRight(), rank, start)
                : KroneckerFactor.whole("lokr_w2", first, sizes.outRight(), sizes.inRight(), start);
    }
}
