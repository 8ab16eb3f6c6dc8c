package io.github.peft4j.methods.lycoris.internal;

import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.lycoris.LokrConfig;
import io.github.peft4j.methods.lycoris.internal.KroneckerFactor.Start;

/**
 * LoKr: layers with an update that is a Kronecker product.
 *
 * @see <a href="https://arxiv.org/abs/2309.14859">Yeh et al. 2024</a>
 */
public final class LokrMethod extends LycorisMethod<LokrConfig> {

    /** For the registry of methods. */
    public LokrMethod() {
        super("lokr", LokrConfig.SCHEMA, 1e-3, 1e-2);
    }

    @Override
    Maker maker(LokrConfig config, NewWeights first) {
        LycorisDropout dropout = new LycorisDropout(
                config.rankDropout(), config.moduleDropout(), config.get(LokrConfig.RANK_DROPOUT_SCALE));
        return (standing, layer, rank, scale) -> {
            KroneckerSizes sizes = KroneckerSizes.of(layer.in(), layer.out(), config.get(LokrConfig.DECOMPOSE_FACTOR));
            KroneckerFactor left = left(first, config, sizes, rank);
            KroneckerFactor right = right(first, config, sizes, rank);
            return new LokrLinear(standing, left, right, sizes, scale, dropout);
        };
    }

    private static KroneckerFactor left(NewWeights first, LokrConfig config, KroneckerSizes sizes, int rank) {
        Start start = config.get(LokrConfig.INIT_WEIGHTS).equals("true") ? Start.LEFT_ZERO : Start.UNIFORM;
        return config.get(LokrConfig.DECOMPOSE_BOTH) && sizes.splitsLeft(rank)
                ? KroneckerFactor.product("lokr_w1", first, sizes.outLeft(), sizes.inLeft(), rank, start)
                : KroneckerFactor.whole("lokr_w1", first, sizes.outLeft(), sizes.inLeft(), start);
    }

    private static KroneckerFactor right(NewWeights first, LokrConfig config, KroneckerSizes sizes, int rank) {
        Start start = config.get(LokrConfig.INIT_WEIGHTS).equals("lycoris") ? Start.RIGHT_ZERO : Start.UNIFORM;
        return sizes.splitsRight(rank)
                ? KroneckerFactor.product("lokr_w2", first, sizes.outRight(), sizes.inRight(), rank, start)
                : KroneckerFactor.whole("lokr_w2", first, sizes.outRight(), sizes.inRight(), start);
    }
}
