package io.github.peft4j.testkit;

import ai.djl.Device;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.StoredType;
import io.github.peft4j.models.checkpoint.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
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
            "\"n_embd\":16,\"n_layer\":2,\"n_head\":4,\"n_positions\":64,\"resid_pdrop\":0.0,\"embd_pdrop\":0.0,\"attn_pdrop\":0.0"),
    /** Fused projections with grouped keys, a fused gate, a head of its own. */
    PHI3("phi3", "Phi3ForCausalLM", "\"num_key_value_heads\":2,\"tie_word_embeddings\":false,\"pad_token_id\":null"),
    /** Norms behind the parts, norms of queries and keys over all heads, a head of its own. */
    OLMO2("olmo2", "Olmo2ForCausalLM", "\"num_key_value_heads\":2,\"tie_word_embeddings\":false,\"pad_token_id\":null"),
    /** Attention and feed-forward part side by side, a fused projection that interleaves heads, biases, a head of its own. */
    GPT_NEOX("gpt_neox", "GPTNeoXForCausalLM", "\"rotary_pct\":0.5,\"tie_word_embeddings\":false"),
    /** Feed-forward layers in the block itself, learned positions behind two rows, biases, a tied head. */
    OPT(
            "opt",
            "OPTForCausalLM",
            "\"ffn_dim\":24,\"activation_function\":\"gelu\",\"dropout\":0.0,\"pad_token_id\":null");

    /** Entries of the vocabulary. */
    public static final int VOCABULARY = 48;

    static final int LAYERS = 2;
    static final int WIDTH = 16;
    static final int BLOOM_WIDTH = 24;
    static final int INNER = 24;
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
        ToyTensors.of(this).forEach((name, shape) -> tensors.add(tensor(name, shape, random)));
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
                        : "\"hidden_size\":" + WIDTH + (this == OPT ? "" : ",\"intermediate_size\":" + INNER)
                                + ",\"num_hidden_layers\":" + LAYERS
                                + ",\"num_attention_heads\":4,\"max_position_embeddings\":64,";
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
}
