package io.github.peft4j.models.internal.architecture.gemma;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import io.github.peft4j.models.nn.layer.internal.RmsNorm;
import io.github.peft4j.models.nn.weights.Weights;

/** What all Gemmas have: norms that multiply by 1 + w in float32, and token embeddings times the root of their width. */
public final class GemmaLayout {

    /** The head, whose logits may have a bound. */
    public static final LanguageHead.Options HEAD = LanguageHead.Options.PLAIN.capped(
            config -> ((LlamaConfig) config).caps().logits());

    private GemmaLayout() {}

    /**
     * What configs of all of them have.
     *
     * @throws IllegalArgumentException if the config asks for what no Gemma here can do
     */
    public static LlamaVariant variant(ConfigJson json) {
        json.refuse("use_bidirectional_attention");
        return new LlamaVariant(json).headSize(256).paddingToken(0).tied().biases(LlamaConfig.Biases.ofAttention(json));
    }

    /** What scores are multiplied by where the config says of which size of heads. */
    public static double scoreScale(ConfigJson json) {
        return 1 / Math.sqrt(json.positiveOr(256, "query_pre_attn_scalar"));
    }

    /** A layout with these norms and embeddings. */
    public static LlamaLayout of(LlamaConfig config, Weights weights) {
        return new LlamaLayout(config)
                .norm(GemmaLayout::norm)
                .embeddingScale(rounded(weights, Math.sqrt(config.hiddenSize())));
    }

    /** Reads a norm of a width. */
    public static RmsNorm norm(Weights weights, long width, double epsilon) {
        return RmsNorm.loadExact(weights, width, epsilon, 1);
    }

    /** A number as the model's format holds it. */
    private static double rounded(Weights weights, double value) {
        Kernels k = weights.scope().kernels();
        try (NDArray exact = weights.scope().floats(new float[] {(float) value}, 1);
                NDArray held = k.cast(exact, weights.precision())) {
            return k.toFloats(held)[0];
        }
    }

    /** A soft bound; 0 for null, which means none. */
    public static double cap(ConfigJson json, String key, double otherwise) {
        return json.isNull(key) ? 0 : json.has(key) || otherwise > 0 ? json.positiveOr(otherwise, key) : 0;
    }
}
