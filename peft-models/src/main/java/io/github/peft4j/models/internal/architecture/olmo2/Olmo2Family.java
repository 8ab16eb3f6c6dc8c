package io.github.peft4j.models.internal.architecture.olmo2;

import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.layer.internal.RmsNorm;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.Collections;

/** OLMo 2 checkpoints; follows Hugging Face's {@code modeling_olmo2.py}. */
public final class Olmo2Family extends LlamaLike {

    /** For the registry of architectures. */
    public Olmo2Family() {
        super(
                "olmo2",
                "Olmo2",
                json -> new LlamaVariant(json)
                        .epsilon(1e-5)
                        .paddingToken(1)
                        .biases(LlamaConfig.Biases.ofAttention(json))
                        .rotary(Collections.nCopies(
                                json.integer("num_hidden_layers"),
                                RotaryConfig.of(json).exactly())));
    }

    private static RmsNorm norm(Weights weights, long width, double epsilon) {
        return RmsNorm.loadExact(weights, width, epsilon, 0);
    }

    /** All heads of a token's queries, and of its keys, are normalised together. */
    private static Attention.Parts projections(LlamaConfig config, Weights weights, Attention.Parts begun) {
        long queries = (long) config.heads() * config.headSize();
        long keys = (long) config.keyValueHeads() * config.headSize();
        return LlamaLayout.separate(config, weights, begun)
                .norms(
                        norm(weights.at("q_norm"), queries, config.normEpsilon()),
                        norm(weights.at("k_norm"), keys, config.normEpsilon()),
                        false);
    }

    @Override
    protected LlamaLayout layout(LlamaConfig config, Weights weights) {
        return new LlamaLayout(config)
                .norm(Olmo2Family::norm)
                .projections(Olmo2Family::projections)
                .order(LlamaLayout::normsBehind);
    }
}
