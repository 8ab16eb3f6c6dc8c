package io.github.peft4j.methods.lycoris.internal;

import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.lycoris.LohaConfig;
import io.github.peft4j.models.kernel.Weight;
import java.util.List;

/**
 * LoHa: layers with an update that is the Hadamard product of two low-rank matrices.
 *
 * @see <a href="https://arxiv.org/abs/2108.06098">Hyeon-Woo et al. 2022</a>
 */
public final class LohaMethod extends LycorisMethod<LohaConfig> {

    /** For the registry of methods. */
    public LohaMethod() {
        super("loha", LohaConfig.SCHEMA, 5e-4, 5e-3);
    }

    @Override
    Maker maker(LohaConfig config, NewWeights first) {
        LycorisDropout dropout = new LycorisDropout(config.rankDropout(), config.moduleDropout(), true);
        return (standing, layer, rank, scale) -> {
            List<Weight> factors = LohaLinear.factors(first, layer, rank, config.get(LohaConfig.INIT_WEIGHTS));
            return new LohaLinear(standing, factors, scale, dropout);
        };
    }
}
