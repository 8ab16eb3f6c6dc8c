package io.github.peft4j.methods.toy;

import io.github.peft4j.testkit.ToyModel;
import java.util.EnumSet;
import java.util.List;

/**
 * Where a toy's layers are.
 *
 * @param blocks what the paths of its blocks begin with
 * @param attention the attention of a block
 * @param attentionOutput the attention's last layer
 * @param feedForwardOutput the feed-forward part's last layer
 * @param updated the layers of a block that are updated by default
 * @param finalNorm the path of the last norm; of an encoder, whose blocks end with theirs, that of its head
 */
public record ToyLayers(
        String blocks,
        String attention,
        String attentionOutput,
        String feedForwardOutput,
        List<Linear> updated,
        String finalNorm) {

    /** A linear layer below a block. */
    public record Linear(String name, long in, long out) {}

    private static final ToyLayers LLAMA = new ToyLayers(
            "model.layers.",
            "self_attn",
            "self_attn.o_proj",
            "mlp.down_proj",
            List.of(new Linear("self_attn.q_proj", 16, 16), new Linear("self_attn.v_proj", 16, 8)),
            "model.norm");

    /** Those of a model. */
    public static ToyLayers of(ToyModel model) {
        return switch (model) {
            case BLOOM ->
                new ToyLayers(
                        "transformer.h.",
                        "self_attention",
                        "self_attention.dense",
                        "mlp.dense_4h_to_h",
                        List.of(new Linear("self_attention.query_key_value", 24, 72)),
                        "transformer.ln_f");
            case GPT2 ->
                new ToyLayers(
                        "transformer.h.",
                        "attn",
                        "attn.c_proj",
                        "mlp.c_proj",
                        List.of(new Linear("attn.c_attn", 16, 48)),
                        "transformer.ln_f");
            case PHI3 ->
                new ToyLayers(
                        LLAMA.blocks,
                        LLAMA.attention,
                        LLAMA.attentionOutput,
                        LLAMA.feedForwardOutput,
                        List.of(new Linear("self_attn.qkv_proj", 16, 32)),
                        LLAMA.finalNorm);
            case GPT_NEOX ->
                new ToyLayers(
                        "gpt_neox.layers.",
                        "attention",
                        "attention.dense",
                        "mlp.dense_4h_to_h",
                        List.of(new Linear("attention.query_key_value", 16, 48)),
                        "gpt_neox.final_layer_norm");
            case OPT ->
                new ToyLayers(
                        "model.decoder.layers.",
                        "self_attn",
                        "self_attn.out_proj",
                        "fc2",
                        List.of(new Linear("self_attn.q_proj", 16, 16), new Linear("self_attn.v_proj", 16, 16)),
                        "model.decoder.final_layer_norm");
            case BERT ->
                new ToyLayers(
                        "bert.encoder.layer.",
                        "attention",
                        "attention.output.dense",
                        "output.dense",
                        List.of(new Linear("attention.self.query", 16, 16), new Linear("attention.self.value", 16, 16)),
                        "cls.predictions.transform.LayerNorm");
            default -> LLAMA;
        };
    }

    /** The toys of the first architectures, for methods that do the same on the others as a method that is tested there. */
    public static List<ToyModel> ofTheFirstArchitectures() {
        return List.copyOf(EnumSet.range(ToyModel.LLAMA, ToyModel.GPT2));
    }

    /** The paths of something below each block. */
    public List<String> inBlocks(String name) {
        return List.of(blocks + "0." + name, blocks + "1." + name);
    }

    /** Names of the layers that are updated by default, where Hugging Face PEFT knows none. */
    public static String[] unknown(ToyModel model) {
        return switch (model) {
            case PHI3 -> new String[] {"qkv_proj"};
            case OLMO2 -> new String[] {"q_proj", "v_proj"};
            default -> new String[0];
        };
    }

    /** Whether norms have biases. */
    public static boolean normsHaveBiases(ToyModel model) {
        return switch (model) {
            case BLOOM, GPT2, GPT_NEOX, OPT, BERT -> true;
            default -> false;
        };
    }
}
