package io.github.peft4j.core;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelInput;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Tiny Llama checkpoints with random weights. */
public final class Toy {

    public static final int VOCABULARY = 32;
    public static final int WIDTH = 16;
    static final int LAYERS = 2;

    private static final int INNER = 24;
    private static final int KEYS = 8;

    private Toy() {}

    /** Shapes by name, the output layer left out if it is tied. */
    public static Map<String, List<Long>> shapes(boolean tied) {
        return shapes(tied, VOCABULARY);
    }

    private static Map<String, List<Long>> shapes(boolean tied, int vocabulary) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        shapes.put("model.embed_tokens.weight", shape(vocabulary, WIDTH));
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "model.layers." + layer + ".";
            shapes.put(block + "input_layernorm.weight", shape(WIDTH));
            shapes.put(block + "self_attn.q_proj.weight", shape(WIDTH, WIDTH));
            shapes.put(block + "self_attn.k_proj.weight", shape(KEYS, WIDTH));
            shapes.put(block + "self_attn.v_proj.weight", shape(KEYS, WIDTH));
            shapes.put(block + "self_attn.o_proj.weight", shape(WIDTH, WIDTH));
            shapes.put(block + "post_attention_layernorm.weight", shape(WIDTH));
            shapes.put(block + "mlp.gate_proj.weight", shape(INNER, WIDTH));
            shapes.put(block + "mlp.up_proj.weight", shape(INNER, WIDTH));
            shapes.put(block + "mlp.down_proj.weight", shape(WIDTH, INNER));
        }
        shapes.put("model.norm.weight", shape(WIDTH));
        if (!tied) {
            shapes.put("lm_head.weight", shape(vocabulary, WIDTH));
        }
        return shapes;
    }

    private static List<Long> shape(long... sizes) {
        return java.util.Arrays.stream(sizes).boxed().toList();
    }

    public static Path write(Path folder, boolean tied) {
        return write(folder, tied, VOCABULARY, Map.of());
    }

    /**
     * Writes the checkpoint with another vocabulary.
     *
     * @param tables values of its token tables, by name
     */
    public static Path write(Path folder, boolean tied, int vocabulary, Map<String, float[]> tables) {
        Random random = new Random(7);
        Map<String, TensorSource> tensors = new LinkedHashMap<>();
        shapes(tied).forEach((name, shape) -> {
            float[] values = new float[Math.toIntExact(shape.stream().reduce(1L, (a, b) -> a * b))];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian() * 0.3f;
            }
            tensors.put(name, tensor(name, shapes(tied, vocabulary).get(name), tables.getOrDefault(name, values)));
        });
        String config = """
                {
                  "architectures": [
                    "LlamaForCausalLM"
                  ],
                  "dtype": "float32",
                  "hidden_size": 16,
                  "intermediate_size": 24,
                  "model_type": "llama",
                  "num_attention_heads": 4,
                  "num_hidden_layers": 2,
                  "num_key_value_heads": 2,
                  "rms_norm_eps": 1e-06,
                  "tie_word_embeddings": %s,
                  "vocab_size": %d
                }
                """.formatted(tied, vocabulary);
        try {
            AtomicWrite.toFile(
                    folder.resolve("model.safetensors"),
                    channel -> SafetensorsWriter.write(channel, Map.of(), List.copyOf(tensors.values())));
            AtomicWrite.toFile(folder.resolve("config.json"), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }

    /** A float32 tensor to be written. */
    public static TensorSource tensor(String name, List<Long> shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return TensorSource.of(new TensorInfo(name, StoredType.F32, shape), bytes.flip());
    }

    /** Writes a safetensors file of float32 tensors. */
    public static void writeTensors(Path file, Map<String, String> metadata, TensorSource... tensors) {
        try {
            AtomicWrite.toFile(file, channel -> SafetensorsWriter.write(channel, metadata, List.of(tensors)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Model<LanguageHead> load(Path folder) {
        return load(folder, null);
    }

    public static Model<LanguageHead> load(Path folder, @Nullable Precision precision) {
        try {
            return Models.load(folder, Device.cpu(), precision);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The logits of a few fixed tokens. */
    public static float[] logits(Model<LanguageHead> model) {
        try (Scope scope = model.scope().child()) {
            NDArray logits = model.logits(scope, ModelInput.of(List.of(new int[] {1, 5, 9, 30}, new int[] {2, 0})));
            return scope.kernels().toFloats(logits);
        }
    }

    /** Every weight of the model itself, bit by bit. */
    public static Map<String, List<Float>> weights(Model<LanguageHead> model) {
        Map<String, List<Float>> all = new LinkedHashMap<>();
        BaseModules.of(model)
                .byPath()
                .forEach((path, module) -> module.ownWeights().forEach((name, weight) -> {
                    List<Float> values = new ArrayList<>();
                    for (float value : weight.scope().kernels().toFloats(weight.array())) {
                        values.add(value);
                    }
                    all.put(path + "." + name, values);
                }));
        return all;
    }
}
