package io.github.peft4j.methods.lycoris.internal;

import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.SchemaMethod;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.lycoris.LohaConfig;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import java.util.List;
import java.util.Map;

/**
 * LoHa: layers with an update that is the Hadamard product of two low-rank matrices.
 *
 * @see <a href="https://arxiv.org/abs/2108.06098">Hyeon-Woo et al. 2022</a>
 */
public final class LohaMethod extends SchemaMethod<LohaConfig> {

    /** For the registry of methods. */
    public LohaMethod() {
        super(
                "loha",
                LohaConfig.SCHEMA,
                new Defaults(
                        5e-4,
                        new Defaults.Trial(450, 5e-3, Map.of("r", 8, "alpha", 16, "target_modules", "all-linear"))));
    }

    @Override
    public Adapter attach(Model<?> model, LohaConfig config, AttachContext context) {
        NewWeights first = NewWeights.of(model, context);
        LycorisDropout dropout = new LycorisDropout(config.rankDropout(), config.moduleDropout(), true);
        return LycorisLayers.adapter(
                model,
                config,
                found -> config.toBuilder().targetModules(found).build(),
                context,
                (standing, layer, rank, scale) -> {
                    List<Weight> factors = LohaLinear.factors(first, layer, rank, config.get(LohaConfig.INIT_WEIGHTS));
                    return new LohaLinear(standing, factors, scale, dropout);
                });
    }
}
