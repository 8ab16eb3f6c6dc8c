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

/** A small Bloom checkpoint of random weights over another checkpoint's tokenizer. */
final class ToyBloom {

    private static final long VOCABULARY = 1536;
    private static final long WIDTH = 32;
    private static final int LAYERS = 2;

    private final List<TensorSource> tensors = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(7);

    private ToyBloom() {}

    static Path write(Path folder, Path tokenizer) throws IOException {
        Files.createDirectories(folder);
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(tokenizer.resolve(name), folder.resolve(name));
        }
        Files.writeString(
                folder.resolve("config.json"),
                "{\"model_type\":\"bloom\",\"architectures\":[\"BloomForCausalLM\"],\"vocab_size\":" + VOCABULARY
                        + ",\"hidden_size\":" + WIDTH + ",\"n_layer\":" + LAYERS
                        + ",\"n_head\":4,\"eos_token_id\":0,\"pad_token_id\":0}\n");
        ToyBloom bloom = new ToyBloom();
        bloom.addAll();
        SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("format", "pt"), bloom.tensors);
        return folder;
    }

    private void addAll() {
        add("transformer.word_embeddings.weight", VOCABULARY, WIDTH);
        norm("transformer.word_embeddings_layernorm");
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "transformer.h." + layer + ".";
            norm(block + "input_layernorm");
            linear(block + "self_attention.query_key_value", 3 * WIDTH, WIDTH);
            linear(block + "self_attention.dense", WIDTH, WIDTH);
            norm(block + "post_attention_layernorm");
            linear(block + "mlp.dense_h_to_4h", 4 * WIDTH, WIDTH);
            linear(block + "mlp.dense_4h_to_h", WIDTH, 4 * WIDTH);
        }
        norm("transformer.ln_f");
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
