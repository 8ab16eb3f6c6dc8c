package io.github.peft4j.models.internal.architecture.olmo2;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.LlamaVariant;
import io.github.peft4j.models.nn.attention.Attention;
import io.github.peft4j.models.nn.layer.internal.RmsNorm;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.Collections;
import java.util.List;

/** OLMo 2 checkpoints; follows Hugging Face's {@code modeling_olmo2.py}. */
public final class Olmo2Family implements LlamaLike {

    private static final double DEFAULT_EPSILON = 1e-5;

    @Override
    public String modelType() {
        return "olmo2";
    }

    @Override
    public LlamaConfig config(ConfigJson json) {
        return new LlamaVariant(json)
                .epsilon(DEFAULT_EPSILON)
                .paddingToken(1)
                .biases(LlamaConfig.Biases.ofAttention(json))
                .rotary(Collections.nCopies(
                        json.integer("num_hidden_layers"), RotaryConfig.of(json).exactly()))
                .read(modelType());
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
    public LlamaLayout layout(LlamaConfig config, Weights weights) {
        return new LlamaLayout(config)
                .norm(Olmo2Family::norm)
                .projections(Olmo2Family::projections)
                .order(LlamaLayout::normsBehind);
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(LanguageHead.kind("Olmo2ForCausalLM"), SequenceHead.kind("Olmo2ForSequenceClassification"));
    }
}
