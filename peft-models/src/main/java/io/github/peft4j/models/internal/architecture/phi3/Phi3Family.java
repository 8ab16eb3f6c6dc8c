package io.github.peft4j.models.internal.architecture.phi3;

import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.QkvProjection;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.GatedMlp;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.Collections;
import java.util.Set;

/** Phi-3 and Phi-4 checkpoints; follows Hugging Face's {@code modeling_phi3.py}. */
public final class Phi3Family extends LlamaLike {

    private static final int DEFAULT_POSITIONS = 4096;

    /** "su" is an older name of longrope. */
    private static final RotaryConfig.Spelling ROTARY = new RotaryConfig.Spelling(
            10000, "rope_theta", "partial_rotary_factor", 1.0, DEFAULT_POSITIONS, Set.of("default", "longrope", "su"));

    /** For the registry of architectures. */
    public Phi3Family() {
        super(
                "phi3",
                "Phi3",
                json -> new LlamaVariant(json)
                        .maxPositions(DEFAULT_POSITIONS)
                        .epsilon(1e-5)
                        .paddingToken(32000)
                        .window(json.countOr(0, "sliding_window"))
                        .rotary(Collections.nCopies(json.integer("num_hidden_layers"), RotaryConfig.of(json, ROTARY))));
    }

    /** Queries, keys and values by one layer, behind each other. */
    private static Attention.Parts projections(LlamaConfig config, Weights weights, Attention.Parts begun) {
        long width = (config.heads() + 2L * config.keyValueHeads()) * config.headSize();
        return begun.fused(
                "qkv_proj",
                Linear.load(weights.at("qkv_proj"), config.hiddenSize(), width, false),
                QkvProjection.Layout.BLOCKS);
    }

    @Override
    protected LlamaLayout layout(LlamaConfig config, Weights weights) {
        return new LlamaLayout(config)
                .projections(Phi3Family::projections)
                .feedForward((settings, below) -> GatedMlp.loadFused(
                        below, settings.hiddenSize(), settings.feedForwardSize(), settings.activation()));
    }
}
