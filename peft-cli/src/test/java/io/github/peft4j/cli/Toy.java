package io.github.peft4j.cli;

import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.testkit.ToyModel;
import io.github.peft4j.training.estimate.internal.ModelOutline;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Toy checkpoints with a tokenizer, and rows for them. */
final class Toy {

    private static final String[] WORDS = {
        "the", "cat", "dog", "sat", "ran", "on", "under", "a", "mat", "tree", "red", "blue", "says", "yes", "no", "why"
    };

    private static final String[] PIECES = {
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "an", "##na", "paris", "rome", "##s", "lives", "in", "bob",
        "##by", "goes", "to"
    };

    private Toy() {}

    /** A checkpoint of BERT without a head, with a tokenizer of pieces of words. */
    static Path encoder(Path folder) throws IOException {
        Files.createDirectories(folder);
        text(
                folder.resolve("config.json"),
                "{\"model_type\":\"bert\",\"architectures\":[\"BertModel\"],\"vocab_size\":16,\"hidden_size\":16,"
                        + "\"num_attention_heads\":2,\"num_hidden_layers\":2,\"intermediate_size\":32,"
                        + "\"max_position_embeddings\":40,\"pad_token_id\":0}");
        StringBuilder vocabulary = new StringBuilder();
        for (String piece : PIECES) {
            vocabulary
                    .append(vocabulary.length() == 0 ? "" : ",")
                    .append('"')
                    .append(piece)
                    .append("\":");
            vocabulary.append(List.of(PIECES).indexOf(piece));
        }
        text(
                folder.resolve("tokenizer.json"),
                "{\"version\":\"1.0\",\"added_tokens\":[],\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\","
                        + "\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100,\"vocab\":{"
                        + vocabulary
                        + "}}}");
        text(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\":\"BertTokenizer\"}");
        SplittableRandom random = new SplittableRandom(7);
        List<TensorSource> tensors = new ArrayList<>();
        try (ModelOutline outline = ModelOutline.of(ConfigJson.read(folder), Head.class, null)) {
            outline.model().weightsByPath().forEach((name, weight) -> {
                long[] shape = weight.shape().getShape();
                int size = (int) weight.shape().size();
                ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * size).order(ByteOrder.LITTLE_ENDIAN);
                boolean norm = name.contains("LayerNorm.weight");
                random.doubles(size).forEach(value -> bytes.putFloat((float) (norm ? 1 : value * 0.4 - 0.2)));
                List<Long> dimensions = Arrays.stream(shape).boxed().toList();
                tensors.add(TensorSource.of(new TensorInfo(name, StoredType.F32, dimensions), bytes.flip()));
            });
        }
        SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
        return folder;
    }

    /** A checkpoint without a tokenizer. */
    static Path model(Path folder) {
        return ToyModel.LLAMA.write(folder);
    }

    /** A checkpoint with a tokenizer of sixteen words, and a chat template. */
    static Path modelWithText(Path folder) {
        ToyModel.LLAMA.write(folder);
        tokenizer(folder, ToyModel.VOCABULARY);
        text(
                folder.resolve("chat_template.jinja"),
                "{% for message in messages %}{{ message['role'] }} says {{ message['content'] }} </s> {% endfor %}"
                        + "{% if add_generation_prompt %}assistant says{% endif %}");
        return folder;
    }

    /** A tokenizer of some tokens: three special ones, sixteen words, and {@code w16}, {@code w17}... */
    static void tokenizer(Path folder, int tokens) {
        text(folder.resolve("tokenizer.json"), tokenizer(tokens));
        text(
                folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\":\"PreTrainedTokenizerFast\",\"bos_token\":\"<s>\",\"eos_token\":\"</s>\","
                        + "\"unk_token\":\"<unk>\"}");
    }

    /** Puts token tables of some rows into an adapter's file, as it has after the model was given so many tokens. */
    static void giveTables(Path adapter, int rows) {
        Path file = adapter.resolve("adapter_model.safetensors");
        SplittableRandom random = new SplittableRandom(rows);
        try {
            List<TensorSource> tensors = new ArrayList<>();
            try (SafetensorsFile old = SafetensorsFile.open(file)) {
                for (String name : old.names()) {
                    tensors.add(TensorSource.of(old.info(name), copy(old.bytes(name))));
                }
            }
            for (String table : List.of("model.embed_tokens", "lm_head")) {
                TensorInfo info = new TensorInfo(
                        "base_model.model." + table + ".weight", StoredType.F32, List.of((long) rows, (long)
                                ToyModel.LLAMA.hiddenSize()));
                ByteBuffer values = ByteBuffer.allocate((int) info.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
                while (values.hasRemaining()) {
                    values.putFloat((float) random.nextGaussian());
                }
                tensors.add(TensorSource.of(info, values.flip()));
            }
            SafetensorsWriter.write(file, Map.of("format", "pt"), tensors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }

    private static String tokenizer(int tokens) {
        StringBuilder vocabulary = new StringBuilder("\"<unk>\":0,\"<s>\":1,\"</s>\":2");
        for (int i = 0; i < tokens - 3; i++) {
            vocabulary
                    .append(",\"")
                    .append(i < WORDS.length ? WORDS[i] : "w" + i)
                    .append("\":")
                    .append(i + 3);
        }
        String special = IntStream.range(0, 3)
                .mapToObj(
                        i -> "{\"id\":" + i + ",\"content\":\"" + new String[] {"<unk>", "<s>", "</s>"}[i]
                                + "\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true}")
                .collect(Collectors.joining(","));
        return "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[" + special
                + "],\"normalizer\":null,\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"},\"post_processor\":null,"
                + "\"decoder\":null,\"model\":{\"type\":\"WordLevel\",\"vocab\":{" + vocabulary
                + "},\"unk_token\":\"<unk>\"}}";
    }

    /** Rows of token ids of different lengths, the first half of each not supervised. */
    static Path rows(Path file, int count) {
        SplittableRandom random = new SplittableRandom(count);
        return text(
                file,
                IntStream.range(0, count)
                        .mapToObj(i -> {
                            int length = random.nextInt(4, 12);
                            int[] ids =
                                    random.ints(length, 3, ToyModel.VOCABULARY).toArray();
                            int[] labels = ids.clone();
                            java.util.Arrays.fill(labels, 0, length / 2, -100);
                            return Fields.of("input_ids", ids)
                                    .and("labels", labels)
                                    .json();
                        })
                        .collect(Collectors.joining("\n", "", "\n")));
    }

    /** Rows of prompts and completions. */
    static Path texts(Path file, int count) {
        SplittableRandom random = new SplittableRandom(count);
        return text(
                file,
                IntStream.range(0, count)
                        .mapToObj(i -> "{\"prompt\":\"" + words(random, 3) + "\",\"completion\":\" " + words(random, 2)
                                + "\"}")
                        .collect(Collectors.joining("\n", "", "\n")));
    }

    private static String words(SplittableRandom random, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> WORDS[random.nextInt(WORDS.length)])
                .collect(Collectors.joining(" "));
    }

    /** Writes a text file. */
    static Path text(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Eight rows that say no of cats and yes of dogs. */
    static Path animals(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String animal : List.of("cat", "dog")) {
            for (String where : List.of("mat", "tree", "red mat", "blue tree")) {
                String label = animal.equals("cat") ? "no" : "yes";
                lines.add("{\"text\":\"the " + where + " says " + animal + "\",\"label\":\"" + label + "\"}");
            }
        }
        return Files.write(file, lines);
    }
}
