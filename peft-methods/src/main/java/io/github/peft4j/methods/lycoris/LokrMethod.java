package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.Adapter;
import io.github.peft4j.core.AttachContext;
import io.github.peft4j.core.ConfigValues;
import io.github.peft4j.core.ModuleSelection;
import io.github.peft4j.core.PeftMethod;
import io.github.peft4j.methods.layers.AdaptedLayers;
import io.github.peft4j.methods.layers.AdapterParts;
import io.github.peft4j.methods.layers.LayerMerge;
import io.github.peft4j.methods.lycoris.KroneckerFactor.Start;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Scope;
import java.util.SplittableRandom;

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
    public LokrConfig read(ConfigValues values) {
        return LokrConfig.read(values);
    }

    @Override
    public Adapter attach(Model model, LokrConfig config, AttachContext context) {
        LycorisSettings settings = config.lycoris();
        ModuleSelection.Selected selected = settings.targets().select(model, LohaMethod.PURPOSE, context);
        SplittableRandom random = context.random();
        LycorisDropout dropout =
                new LycorisDropout(settings.rankDropout(), settings.moduleDropout(), config.rankDropoutScale());
        try (AdapterParts parts = new AdapterParts(model)) {
            AdaptedLayers layers = parts.add(LycorisLayers.attach(
                    model, selected.paths(), settings, (standing, layer, rank, scale) -> {
                        KroneckerSizes sizes = KroneckerSizes.of(layer.in(), layer.out(), config.decomposeFactor());
                        KroneckerFactor left = left(model.scope(), config, sizes, rank, random);
                        KroneckerFactor right = right(model.scope(), config, sizes, rank, random);
                        return new LokrLinear(standing, left, right, sizes, scale, dropout);
                    }));
            parts.addWhole(settings.targets().modulesToSave());
            return parts.adapter(
                    config.withTargetModules(selected.targets()),
                    new LayerMerge(model, context.adapterName(), layers.byPath()));
        }
    }

    private static KroneckerFactor left(
            Scope scope, LokrConfig config, KroneckerSizes sizes, int rank, SplittableRandom random) {
        Start start = config.initWeights().equals("true") ? Start.LEFT_ZERO : Start.UNIFORM;
        return config.decomposeBoth() && sizes.splitsLeft(rank)
                ? KroneckerFactor.product("lokr_w1", scope, sizes.outLeft(), sizes.inLeft(), rank, start, random)
                : KroneckerFactor.whole("lokr_w1", scope, sizes.outLeft(), sizes.inLeft(), start, random);
    }

    private static KroneckerFactor right(
            Scope scope, LokrConfig config, KroneckerSizes sizes, int rank, SplittableRandom random) {
        Start start = config.initWeights().equals("lycoris") ? Start.RIGHT_ZERO : Start.UNIFORM;
        return sizes.splitsRight(rank)
                ? KroneckerFactor.product("lokr_w2", scope, sizes.outRight(), sizes.inRight(), rank, start, random)
                : KroneckerFactor.whole("lokr_w2", scope, sizes.outRight(), sizes.inRight(), start, random);
    }
}
