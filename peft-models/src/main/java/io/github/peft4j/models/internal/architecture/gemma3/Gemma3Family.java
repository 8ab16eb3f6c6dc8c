package io.github.peft4j.models.internal.architecture.gemma3;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.HeadKind;
import io.github.peft4j.models.LayerTypes;
import io.github.peft4j.models.RotaryConfig;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.architecture.gemma.GemmaLayout;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLayout;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.LlamaVariant;
import io.github.peft4j.models.nn.attention.Attention;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Text-only Gemma 3 checkpoints; follows Hugging Face's {@code modeling_gemma3.py}. */
public final class Gemma3Family implements LlamaLike {

    private static final int DEFAULT_KEY_VALUE_HEADS = 4;
    private static final int DEFAULT_HEAD_SIZE = 256;
    private static final int DEFAULT_SCORE_SIZE = 256;
    private static final int DEFAULT_POSITIONS = 131072;
    private static final int DEFAULT_WINDOW = 4096;
    private static final int DEFAULT_PATTERN = 6;

    private static final RotaryConfig.Spelling FULL = RotaryConfig.Spelling.LLAMA.withTheta(1_000_000);
    private static final RotaryConfig.Spelling SLIDING = new RotaryConfig.Spelling(
            10_000, "rope_local_base_freq", "partial_rotary_factor", null, 0, RotaryConfig.Spelling.TYPES);

    @Override
    public String modelType() {
        return "gemma3_text";
    }

    @Override
    public LlamaConfig config(ConfigJson json) {
        json.refuse("use_bidirectional_attention");
        // transformers reads it and does not bound the scores.
        json.refuse("attn_logit_softcapping");
        int window = json.isNull("sliding_window") ? 0 : json.integerOr(DEFAULT_WINDOW, "sliding_window");
        int pattern = json.integerOr(DEFAULT_PATTERN, "sliding_window_pattern");
        List<Boolean> sliding = LayerTypes.sliding(json, layer -> (layer + 1) % pattern != 0);
        RotaryConfig full = rotary(json, LayerTypes.FULL, json.object("rope_scaling"), FULL);
        RotaryConfig near = rotary(json, LayerTypes.SLIDING, null, SLIDING);
        return new LlamaVariant(json)
                .keyValueHeads(DEFAULT_KEY_VALUE_HEADS)
                .headSize(DEFAULT_HEAD_SIZE)
                .maxPositions(DEFAULT_POSITIONS)
                .paddingToken(0)
                .tied()
                .activation(ActivationFunction.of(json.textOr("gelu_pytorch_tanh", "hidden_activation")))
                .biases(LlamaConfig.Biases.ofAttention(json))
                .windows(LayerTypes.windows(json, sliding, window, "sliding_window gives"))
                .rotary(sliding.stream().map(is -> is ? near : full).toList())
                .scoreScale(1 / Math.sqrt(json.positiveOr(DEFAULT_SCORE_SIZE, "query_pre_attn_scalar")))
                .caps(new LlamaConfig.Caps(0, GemmaLayout.cap(json, "final_logit_softcapping", 0)))
                .read(modelType());
    }

    /** Each kind of layer has a set of values of its own; {@code rope_scaling}, where it is there, is that of layers that see all keys. */
    private static RotaryConfig rotary(
            ConfigJson json, String layers, @Nullable ConfigJson scaling, RotaryConfig.Spelling spelling) {
        ConfigJson all = json.object("rope_parameters");
        if (all != null) {
            all.refuse("rope_type");
        }
        ConfigJson own = all == null ? null : all.object(layers);
        if (scaling == null || scaling.isEmpty()) {
            return RotaryConfig.of(json, own == null ? ConfigJson.empty() : own, spelling);
        }
        if (own != null) {
            throw new IllegalArgumentException(
                    json.source() + " has both rope_scaling and rope_parameters for " + layers + ": leave one out");
        }
        return RotaryConfig.of(json, scaling, spelling);
    }

    /** Each head of queries and keys is normalised before it is rotated. */
    private static Attention.Parts projections(LlamaConfig config, Weights weights, Attention.Parts begun) {
        return LlamaLayout.separate(config, weights, begun)
                .norms(
                        GemmaLayout.norm(weights.at("q_norm"), config.headSize(), config.normEpsilon()),
                        GemmaLayout.norm(weights.at("k_norm"), config.headSize(), config.normEpsilon()),
                        true);
    }

    @Override
    public LlamaLayout layout(LlamaConfig config, Weights weights) {
        return GemmaLayout.of(config, weights)
                .projections(Gemma3Family::projections)
                .order(LlamaLayout::normsAround);
    }

    @Override
    public List<HeadKind<?>> heads() {
        // The model without its head has a name of its own.
        return List.of(
                LanguageHead.kind("Gemma3ForCausalLM", GemmaLayout.HEAD).reading("Gemma3TextModel"),
                SequenceHead.kind("Gemma3TextForSequenceClassification").reading("Gemma3ForCausalLM"));
    }

    @Override
    public Map<String, List<String>> targets() {
        return Map.of(
                "LORA", List.of("q_proj", "v_proj"),
                "IA3", List.of("q_proj", "v_proj", "down_proj"),
                "IA3_FEEDFORWARD", List.of("down_proj"),
                "VERA", List.of("q_proj", "v_proj"),
                "LN_TUNING",
                        List.of(
                                "input_layernorm",
                                "post_attention_layernorm",
                                "pre_feedforward_layernorm",
                                "post_feedforward_layernorm",
                                "norm"),
                "ADAPTION_PROMPT", List.of("self_attn"));
    }
}
