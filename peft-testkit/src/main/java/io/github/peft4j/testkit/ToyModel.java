package io.github.peft4j.testkit;

import ai.djl.Device;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.StoredType;
import io.github.peft4j.models.checkpoint.TensorInfo;
import io.github.peft4j.models.checkpoint.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Causal models small enough for any test: two blocks, a vocabulary of {@value #VOCABULARY}, random weights large enough for every part
 * of the model to matter. They are written as Hugging Face lays checkpoints out and loaded like any other; no Python, no download.
 */
public enum ToyModel {
    /** Grouped keys and values, RMSNorm, rotary positions, a gated feed-forward part, a head of its own. */
    LLAMA("llama", "LlamaForCausalLM", "\"num_key_value_heads\":2,\"tie_word_embeddings\":false"),
    /** A Llama whose head shares the token embedding's weight. */
    LLAMA_TIED("llama", "LlamaForCausalLM", "\"num_key_value_heads\":2,\"tie_word_embeddings\":true"),
    /** A Llama with a sliding window of three keys. */
    MISTRAL(
            "mistral",
            "MistralForCausalLM",
            "\"num_key_value_heads\":2,\"sliding_window\":3,\"tie_word_embeddings\":false"),
    /** A Llama with biases in attention's input projections, and a tied head. */
    QWEN2("qwen2", "Qwen2ForCausalLM", "\"num_key_value_heads\":2,\"tie_word_embeddings\":true"),
    /** A Llama with norms of queries and keys, and a tied head. */
    QWEN3("qwen3", "Qwen3ForCausalLM", "\"num_key_value_heads\":2,\"head_dim\":4,\"tie_word_embeddings\":true"),
    /** Norms around the parts, scaled embeddings, soft caps of scores and logits, a window in the first block, a tied head. */
    GEMMA2(
            "gemma2",
            "Gemma2ForCausalLM",
            "\"num_key_value_heads\":2,\"head_dim\":4,\"query_pre_attn_scalar\":6,\"sliding_window\":3,"
                    + "\"attn_logit_softcapping\":5.0,\"final_logit_softcapping\":20.0"),
    /** Six heads, so that ALiBi's slopes are no power series; fused projections that interleave heads; biases; a tied head. */
    BLOOM("bloom", "BloomForCausalLM", "\"n_layer\":2,\"n_head\":6"),
    /** Learned positions, linear layers whose weights lie transposed, biases, a tied head. */
    GPT2(
            "gpt2",
            "GPT2LMHeadModel",
            "\"n_embd\":16,\"n_layer\":2,\"n_head\":4,\"n_positions\":64,\"resid_pdrop\":0.0,\"embd_pdrop\":0.0,\"attn_pdrop\":0.0");

    /** Entries of the vocabulary. */
    public static final int VOCABULARY = 48;

    private static final int LAYERS = 2;
    private static final int WIDTH = 16;
    private static final int BLOOM_WIDTH = 24;
    private static final int INNER = 24;
    private static final int KEYS = 8;
    private static final int HEAD = 4;
    private static final double SPREAD = 0.3;
    private static final double NORM_SPREAD = 0.2;

    private final String type;
    private final String className;
    private final String config;

    ToyModel(String type, String className, String config) {
        this.type = type;
        this.className = className;
        this.config = config;
    }

    /** Width of the hidden states. */
    public int hiddenSize() {
        return this == BLOOM ? BLOOM_WIDTH : WIDTH;
    }

    /**
     * Writes the checkpoint: {@code config.json} and {@code model.safetensors}, the same at every call.
     *
     * @param folder created if it is not there
     * @return the folder
     */
    public Path write(Path folder) {
        List<TensorSource> tensors = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(name().hashCode());
        Shapes.of(this).forEach((name, shape) -> tensors.add(tensor(name, shape, random)));
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("config.json"), configText());
            SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Loads the checkpoint from a folder, writing it first if it is not there.
     *
     * @param folder only for this model
     * @param precision the format of weights and activations
     * @return a new model each time; the caller closes it
     */
    public Model<LanguageHead> load(Path folder, Precision precision) {
        try {
            if (!Files.exists(folder.resolve("model.safetensors"))) {
                write(folder);
            }
            return Models.load(folder, Device.cpu(), precision);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String configText() {
        String sizes = this == GPT2
                ? ""
                : this == BLOOM
                        ? "\"hidden_size\":" + BLOOM_WIDTH + ","
                        : "\"hidden_size\":" + WIDTH + ",\"intermediate_size\":" + INNER + ",\"num_hidden_layers\":"
                                + LAYERS + ",\"num_attention_heads\":4,\"max_position_embeddings\":64,";
        return "{\"model_type\":\"" + type + "\",\"architectures\":[\"" + className + "\"],\"vocab_size\":" + VOCABULARY
                + "," + sizes + config + "}\n";
    }

    private TensorSource tensor(String name, long[] shape, SplittableRandom random) {
        List<Long> dimensions = Arrays.stream(shape).boxed().toList();
        TensorInfo info = new TensorInfo(name, StoredType.F32, dimensions);
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
        boolean norm = shape.length == 1 && name.endsWith("weight");
        double center = this == GEMMA2 ? 0 : 1;
        while (bytes.hasRemaining()) {
            double noise = random.nextGaussian();
            bytes.putFloat((float) (norm ? center + NORM_SPREAD * noise : SPREAD * noise));
        }
        return TensorSource.of(info, bytes.flip());
    }

    /** The tensors that each architecture's checkpoint holds. */
    private static final class Shapes {
        private final Map<String, long[]> shapes = new java.util.LinkedHashMap<>();

        static Map<String, long[]> of(ToyModel model) {
            Shapes all = new Shapes();
            switch (model) {
                case BLOOM -> all.bloom();
                case GPT2 -> all.gpt2();
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
            boolean bias = model == QWEN2;
            add("model.embed_tokens.weight", VOCABULARY, WIDTH);
            for (int layer = 0; layer < LAYERS; layer++) {
                String block = "model.layers." + layer + ".";
                add(block + "input_layernorm.weight", WIDTH);
                linear(block + "self_attn.q_proj", WIDTH, WIDTH, bias);
                linear(block + "self_attn.k_proj", KEYS, WIDTH, bias);
                linear(block + "self_attn.v_proj", KEYS, WIDTH, bias);
                linear(block + "self_attn.o_proj", WIDTH, WIDTH, false);
                if (model == QWEN3) {
                    add(block + "self_attn.q_norm.weight", HEAD);
                    add(block + "self_attn.k_norm.weight", HEAD);
                }
                if (model == GEMMA2) {
                    add(block + "pre_feedforward_layernorm.weight", WIDTH);
                    add(block + "post_feedforward_layernorm.weight", WIDTH);
                }
                add(block + "post_attention_layernorm.weight", WIDTH);
                linear(block + "mlp.gate_proj", INNER, WIDTH, false);
                linear(block + "mlp.up_proj", INNER, WIDTH, false);
                linear(block + "mlp.down_proj", WIDTH, INNER, false);
            }
            add("model.norm.weight", WIDTH);
            if (model == LLAMA || model == MISTRAL) {
                add("lm_head.weight", VOCABULARY, WIDTH);
            }
        }

        private void bloom() {
            long width = BLOOM_WIDTH;
            add("transformer.word_embeddings.weight", VOCABULARY, width);
            norm("transformer.word_embeddings_layernorm", width);
            for (int layer = 0; layer < LAYERS; layer++) {
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
            add("transformer.wpe.weight", 64, width);
            for (int layer = 0; layer < LAYERS; layer++) {
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
    }
}
