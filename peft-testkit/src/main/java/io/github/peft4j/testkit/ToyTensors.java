package io.github.peft4j.testkit;

import java.util.LinkedHashMap;
import java.util.Map;

/** The tensors that the checkpoint of a {@link ToyModel} holds. */
final class ToyTensors {

    private static final int VOCABULARY = ToyModel.VOCABULARY;
    private static final int WIDTH = ToyModel.WIDTH;
    private static final int INNER = ToyModel.INNER;
    private static final int KEYS = 8;
    private static final int HEAD = 4;
    private static final int POSITIONS = 64;

    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    private ToyTensors() {}

    /** Shapes by name. */
    static Map<String, long[]> of(ToyModel model) {
        ToyTensors all = new ToyTensors();
        switch (model) {
            case BLOOM -> all.bloom();
            case GPT2 -> all.gpt2();
            case GPT_NEOX -> all.gptNeoX();
            case OPT -> all.opt();
            case BERT -> all.bert();
            default -> all.llama(model);
        }
        return all.shapes;
    }

    private void add(String name, long... shape) {
        shapes.put(name, shape);
    }

    private void linear(String name, long out, long in, boolean bias) {
        add(name + ".weight", out, in);
        if (bias) {
            add(name + ".bias", out);
        }
    }

    private void norm(String name, long width) {
        add(name + ".weight", width);
        add(name + ".bias", width);
    }

    private void llama(ToyModel model) {
        add("model.embed_tokens.weight", VOCABULARY, WIDTH);
        for (int layer = 0; layer < ToyModel.LAYERS; layer++) {
            String block = "model.layers." + layer + ".";
            if (model != ToyModel.OLMO2) {
                add(block + "input_layernorm.weight", WIDTH);
            }
            attention(model, block + "self_attn.");
            if (model == ToyModel.GEMMA2) {
                add(block + "pre_feedforward_layernorm.weight", WIDTH);
            }
            if (model == ToyModel.GEMMA2 || model == ToyModel.OLMO2) {
                add(block + "post_feedforward_layernorm.weight", WIDTH);
            }
            add(block + "post_attention_layernorm.weight", WIDTH);
            if (model == ToyModel.PHI3) {
                linear(block + "mlp.gate_up_proj", 2 * INNER, WIDTH, false);
            } else {
                linear(block + "mlp.gate_proj", INNER, WIDTH, false);
                linear(block + "mlp.up_proj", INNER, WIDTH, false);
            }
            linear(block + "mlp.down_proj", WIDTH, INNER, false);
        }
        add("model.norm.weight", WIDTH);
        switch (model) {
            case LLAMA, MISTRAL, PHI3, OLMO2 -> add("lm_head.weight", VOCABULARY, WIDTH);
            default -> {}
        }
    }

    private void attention(ToyModel model, String path) {
        boolean bias = model == ToyModel.QWEN2;
        if (model == ToyModel.PHI3) {
            linear(path + "qkv_proj", WIDTH + 2 * KEYS, WIDTH, false);
        } else {
            linear(path + "q_proj", WIDTH, WIDTH, bias);
            linear(path + "k_proj", KEYS, WIDTH, bias);
            linear(path + "v_proj", KEYS, WIDTH, bias);
        }
        linear(path + "o_proj", WIDTH, WIDTH, false);
        if (model == ToyModel.QWEN3) {
            add(path + "q_norm.weight", HEAD);
            add(path + "k_norm.weight", HEAD);
        }
        if (model == ToyModel.OLMO2) {
            add(path + "q_norm.weight", WIDTH);
            add(path + "k_norm.weight", KEYS);
        }
    }

    private void bloom() {
        long width = ToyModel.BLOOM_WIDTH;
        add("transformer.word_embeddings.weight", VOCABULARY, width);
        norm("transformer.word_embeddings_layernorm", width);
        for (int layer = 0; layer < ToyModel.LAYERS; layer++) {
            String block = "transformer.h." + layer + ".";
            norm(block + "input_layernorm", width);
            linear(block + "self_attention.query_key_value", 3 * width, width, true);
            linear(block + "self_attention.dense", width, width, true);
            norm(block + "post_attention_layernorm", width);
            linear(block + "mlp.dense_h_to_4h", 4 * width, width, true);
            linear(block + "mlp.dense_4h_to_h", width, 4 * width, true);
        }
        norm("transformer.ln_f", width);
    }

    private void gpt2() {
        long width = WIDTH;
        add("transformer.wte.weight", VOCABULARY, width);
        add("transformer.wpe.weight", POSITIONS, width);
        for (int layer = 0; layer < ToyModel.LAYERS; layer++) {
            String block = "transformer.h." + layer + ".";
            norm(block + "ln_1", width);
            conv1d(block + "attn.c_attn", width, 3 * width);
            conv1d(block + "attn.c_proj", width, width);
            norm(block + "ln_2", width);
            conv1d(block + "mlp.c_fc", width, 4 * width);
            conv1d(block + "mlp.c_proj", 4 * width, width);
        }
        norm("transformer.ln_f", width);
    }

    private void conv1d(String name, long in, long out) {
        add(name + ".weight", in, out);
        add(name + ".bias", out);
    }

    private void gptNeoX() {
        add("gpt_neox.embed_in.weight", VOCABULARY, WIDTH);
        for (int layer = 0; layer < ToyModel.LAYERS; layer++) {
            String block = "gpt_neox.layers." + layer + ".";
            norm(block + "input_layernorm", WIDTH);
            norm(block + "post_attention_layernorm", WIDTH);
            linear(block + "attention.query_key_value", 3 * WIDTH, WIDTH, true);
            linear(block + "attention.dense", WIDTH, WIDTH, true);
            linear(block + "mlp.dense_h_to_4h", INNER, WIDTH, true);
            linear(block + "mlp.dense_4h_to_h", WIDTH, INNER, true);
        }
        norm("gpt_neox.final_layer_norm", WIDTH);
        add("embed_out.weight", VOCABULARY, WIDTH);
    }

    private void opt() {
        add("model.decoder.embed_tokens.weight", VOCABULARY, WIDTH);
        add("model.decoder.embed_positions.weight", POSITIONS + 2, WIDTH);
        for (int layer = 0; layer < ToyModel.LAYERS; layer++) {
            String block = "model.decoder.layers." + layer + ".";
            for (String name : new String[] {"q_proj", "k_proj", "v_proj", "out_proj"}) {
                linear(block + "self_attn." + name, WIDTH, WIDTH, true);
            }
            norm(block + "self_attn_layer_norm", WIDTH);
            linear(block + "fc1", INNER, WIDTH, true);
            linear(block + "fc2", WIDTH, INNER, true);
            norm(block + "final_layer_norm", WIDTH);
        }
        norm("model.decoder.final_layer_norm", WIDTH);
    }

    private void bert() {
        long width = WIDTH;
        add("bert.embeddings.word_embeddings.weight", VOCABULARY, width);
        add("bert.embeddings.position_embeddings.weight", POSITIONS, width);
        add("bert.embeddings.token_type_embeddings.weight", 2, width);
        norm("bert.embeddings.LayerNorm", width);
        for (int layer = 0; layer < ToyModel.LAYERS; layer++) {
            String block = "bert.encoder.layer." + layer + ".";
            for (String name : new String[] {"query", "key", "value"}) {
                linear(block + "attention.self." + name, width, width, true);
            }
            linear(block + "attention.output.dense", width, width, true);
            norm(block + "attention.output.LayerNorm", width);
            linear(block + "intermediate.dense", INNER, width, true);
            linear(block + "output.dense", width, INNER, true);
            norm(block + "output.LayerNorm", width);
        }
        add("cls.predictions.bias", VOCABULARY);
        linear("cls.predictions.transform.dense", width, width, true);
        norm("cls.predictions.transform.LayerNorm", width);
    }
}
