package io.github.peft4j.examples;

import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Small checkpoints of random weights over another checkpoint's tokenizer. */
final class ToyCheckpoint {

    private static final long VOCABULARY = 1536;
    private static final long WIDTH = 32;
    private static final long POSITIONS = 256;
    private static final int LAYERS = 2;

    private final List<TensorSource> tensors = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(7);

    private ToyCheckpoint() {}

    /** A Bloom with a language head. */
    static Path bloom(Path folder, Path tokenizer) throws IOException {
        ToyCheckpoint bloom = new ToyCheckpoint();
        bloom.add("transformer.word_embeddings.weight", VOCABULARY, WIDTH);
        bloom.norm("transformer.word_embeddings_layernorm");
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "transformer.h." + layer + ".";
            bloom.norm(block + "input_layernorm");
            bloom.linear(block + "self_attention.query_key_value", 3 * WIDTH, WIDTH);
            bloom.linear(block + "self_attention.dense", WIDTH, WIDTH);
            bloom.norm(block + "post_attention_layernorm");
            bloom.linear(block + "mlp.dense_h_to_4h", 4 * WIDTH, WIDTH);
            bloom.linear(block + "mlp.dense_4h_to_h", WIDTH, 4 * WIDTH);
        }
        bloom.norm("transformer.ln_f");
        String sizes = "\"n_layer\":" + LAYERS + ",\"n_head\":4,\"eos_token_id\":0";
        return bloom.write(folder, tokenizer, "bloom", "BloomForCausalLM", sizes);
    }

    /** A BERT without a head, as sentence encoders are. */
    static Path bert(Path folder, Path tokenizer) throws IOException {
        ToyCheckpoint bert = new ToyCheckpoint();
        bert.add("embeddings.word_embeddings.weight", VOCABULARY, WIDTH);
        bert.add("embeddings.position_embeddings.weight", POSITIONS, WIDTH);
        bert.add("embeddings.token_type_embeddings.weight", 2, WIDTH);
        bert.norm("embeddings.LayerNorm");
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "encoder.layer." + layer + ".";
            for (String projection : List.of("self.query", "self.key", "self.value", "output.dense")) {
                bert.linear(block + "attention." + projection, WIDTH, WIDTH);
            }
            bert.norm(block + "attention.output.LayerNorm");
            bert.linear(block + "intermediate.dense", 4 * WIDTH, WIDTH);
            bert.linear(block + "output.dense", WIDTH, 4 * WIDTH);
            bert.norm(block + "output.LayerNorm");
        }
        bert.linear("pooler.dense", WIDTH, WIDTH);
        String sizes = "\"num_hidden_layers\":" + LAYERS + ",\"num_attention_heads\":4,\"intermediate_size\":"
                + 4 * WIDTH + ",\"max_position_embeddings\":" + POSITIONS;
        return bert.write(folder, tokenizer, "bert", "BertModel", sizes);
    }

    private Path write(Path folder, Path tokenizer, String type, String architecture, String sizes) throws IOException {
        Files.createDirectories(folder);
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(tokenizer.resolve(name), folder.resolve(name));
        }
        Files.writeString(
                folder.resolve("config.json"),
                "{\"model_type\":\"" + type + "\",\"architectures\":[\"" + architecture + "\"],\"vocab_size\":"
                        + VOCABULARY + ",\"hidden_size\":" + WIDTH + ",\"pad_token_id\":0," + sizes + "}\n");
        SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
        return folder;
    }

    private void linear(String name, long out, long in) {
        add(name + ".weight", out, in);
        add(name + ".bias", out);
    }

    private void norm(String name) {
        add(name + ".weight", WIDTH);
        add(name + ".bias", WIDTH);
    }

    private void add(String name, long... shape) {
        TensorInfo info = new TensorInfo(
                name, StoredType.F32, Arrays.stream(shape).boxed().toList());
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(info.byteSize())).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putFloat((float) (0.1 * random.nextGaussian()));
        }
        tensors.add(TensorSource.of(info, bytes.flip()));
    }
}
