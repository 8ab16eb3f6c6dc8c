package io.github.peft4j.models.internal.architecture.bloom;

import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.internal.architecture.MegatronBlock;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.attention.internal.Alibi;
import io.github.peft4j.models.nn.layer.DecoderBlock;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.weights.Weights;

/** Bloom checkpoints, saved with or without their head; follows Hugging Face's {@code modeling_bloom.py}. */
public final class BloomFamily extends DecoderFamily<BloomConfig> {

    /** For the registry of architectures. */
    public BloomFamily() {
        super(new Names("bloom", "Bloom", "transformer", "word_embeddings"), BloomConfig::of);
    }

    @Override
    protected Decoder.Plan build(Decoder.Plan plan, BloomConfig config, Weights weights) {
        MegatronBlock block = new MegatronBlock(
                config,
                config.normEpsilon(),
                config.residualAfterNorm() ? DecoderBlock.Residual.IN_TURN_FROM_NORM : DecoderBlock.Residual.IN_TURN,
                "self_attention",
                Alibi.of(config.heads()),
                true,
                ActivationFunction.GELU_TANH);
        return plan.embeddingNorm("word_embeddings_layernorm", norm(config, weights.at("word_embeddings_layernorm")))
                .blocks("h", layer -> block.load(weights.at("h").at(layer), layer))
                .finalNorm("ln_f", norm(config, weights.at("ln_f")));
    }

    private static LayerNorm norm(BloomConfig config, Weights weights) {
        return LayerNorm.load(weights, config.hiddenSize(), config.normEpsilon());
    }
}
