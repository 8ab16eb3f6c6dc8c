package io.github.peft4j.cli;

import io.github.peft4j.testkit.ToyModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Toy checkpoints with a tokenizer, and rows for them. */
final class Toy {

    private static final String[] WORDS = {
        "the", "cat", "dog", "sat", "ran", "on", "under", "a", "mat", "tree", "red", "blue", "says", "yes", "no", "why"
    };

    private Toy() {}

    /** A checkpoint without a tokenizer. */
    static Path model(Path folder) {
        return ToyModel.LLAMA.write(folder);
    }

    /** A checkpoint with a tokenizer of sixteen words, and a chat template. */
    static Path modelWithText(Path folder) {
        ToyModel.LLAMA.write(folder);
        text(folder.resolve("tokenizer.json"), tokenizer());
        text(
                folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\":\"PreTrainedTokenizerFast\",\"bos_token\":\"<s>\",\"eos_token\":\"</s>\","
                        + "\"unk_token\":\"<unk>\"}");
        text(
                folder.resolve("chat_template.jinja"),
                "{% for message in messages %}{{ message['role'] }} says {{ message['content'] }} </s> {% endfor %}"
                        + "{% if add_generation_prompt %}assistant says{% endif %}");
        return folder;
    }

    private static String tokenizer() {
        StringBuilder vocabulary = new StringBuilder("\"<unk>\":0,\"<s>\":1,\"</s>\":2");
        for (int i = 0; i < ToyModel.VOCABULARY - 3; i++) {
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
}
