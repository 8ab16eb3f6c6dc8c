package io.github.peft4j.training;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** Toy checkpoints whose weights come from the formula of {@code tools/golden_training.py}. */
public final class ToyCheckpoint {

    private ToyCheckpoint() {}

    /** Numbers in [-0.5, 0.5) that depend on a name and a place only. */
    public static float[] values(String name, int count, double scale, double offset) {
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            long x = (crc.getValue() + i * 2654435761L) & 0xFFFFFFFFL;
            for (int round = 0; round < 2; round++) {
                x = ((x ^ (x >>> 16)) * 0x45D9F3BL) & 0xFFFFFFFFL;
            }
            x ^= x >>> 16;
            values[i] = (float) (offset + (x / 4294967296.0 - 0.5) * scale);
        }
        return values;
    }

    /** What the script gives the weight of a name. */
    static float[] weight(String name, int count) {
        boolean norm = name.endsWith("norm.weight") || name.endsWith("ln_f.weight");
        return values(name, count, 0.6, norm ? 1 : 0);
    }

    /** Writes config and weights of a toy model. */
    public static Path write(Path folder, JsonNode config) throws IOException {
        Map<String, long[]> shapes = config.get("model_type").asText().equals("llama") ? llama(config) : bloom(config);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), config.toPrettyString());
        List<TensorSource> tensors = shapes.entrySet().stream()
                .map(e -> tensor(e.getKey(), e.getValue()))
                .toList();
        SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
        return folder;
    }

    private static TensorSource tensor(String name, long[] shape) {
        int count = (int) java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        ByteBuffer bytes = ByteBuffer.allocateDirect(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(weight(name, count));
        List<Long> dimensions = java.util.Arrays.stream(shape).boxed().toList();
        return TensorSource.of(new TensorInfo(name, StoredType.F32, dimensions), bytes);
    }

    private static Map<String, long[]> llama(JsonNode config) {
        long d = config.get("hidden_size").asLong();
        long f = config.get("intermediate_size").asLong();
        long v = config.get("vocab_size").asLong();
        long kv = d
                / config.get("num_attention_heads").asLong()
                * config.get("num_key_value_heads").asLong();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("model.embed_tokens.weight", new long[] {v, d});
        for (int i = 0; i < config.get("num_hidden_layers").asInt(); i++) {
            String block = "model.layers." + i + ".";
            shapes.put(block + "self_attn.q_proj.weight", new long[] {d, d});
            shapes.put(block + "self_attn.k_proj.weight", new long[] {kv, d});
            shapes.put(block + "self_attn.v_proj.weight", new long[] {kv, d});
            shapes.put(block + "self_attn.o_proj.weight", new long[] {d, d});
            shapes.put(block + "mlp.gate_proj.weight", new long[] {f, d});
            shapes.put(block + "mlp.up_proj.weight", new long[] {f, d});
            shapes.put(block + "mlp.down_proj.weight", new long[] {d, f});
            shapes.put(block + "input_layernorm.weight", new long[] {d});
            shapes.put(block + "post_attention_layernorm.weight", new long[] {d});
        }
        shapes.put("model.norm.weight", new long[] {d});
        shapes.put("lm_head.weight", new long[] {v, d});
        return shapes;
    }

    private static Map<String, long[]> bloom(JsonNode config) {
        long d = config.get("hidden_size").asLong();
        long v = config.get("vocab_size").asLong();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("transformer.word_embeddings.weight", new long[] {v, d});
        norm(shapes, "transformer.word_embeddings_layernorm", d);
        for (int i = 0; i < config.get("n_layer").asInt(); i++) {
            String block = "transformer.h." + i + ".";
            norm(shapes, block + "input_layernorm", d);
            linear(shapes, block + "self_attention.query_key_value", 3 * d, d);
            linear(shapes, block + "self_attention.dense", d, d);
            norm(shapes, block + "post_attention_layernorm", d);
            linear(shapes, block + "mlp.dense_h_to_4h", 4 * d, d);
            linear(shapes, block + "mlp.dense_4h_to_h", d, 4 * d);
        }
        norm(shapes, "transformer.ln_f", d);
        return shapes;
    }

    private static void norm(Map<String, long[]> shapes, String path, long width) {
        shapes.put(path + ".weight", new long[] {width});
        shapes.put(path + ".bias", new long[] {width});
    }

    private static void linear(Map<String, long[]> shapes, String path, long out, long in) {
        shapes.put(path + ".weight", new long[] {out, in});
        shapes.put(path + ".bias", new long[] {out});
    }
}
