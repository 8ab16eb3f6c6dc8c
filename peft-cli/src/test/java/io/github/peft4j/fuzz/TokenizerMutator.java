package io.github.peft4j.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Puts tokenizers together from components that each are sound, in orders and with added tokens that nobody publishes, around the model of a sample. */
final class TokenizerMutator implements Mutator {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int FIRST_ADDED = 500;

    private static final List<String> CONTENTS = List.of(
            "<s>",
            "</s>",
            " ",
            "  ",
            "\n",
            "\u0301",
            "\u200d",
            "a",
            "A",
            "the",
            "x y",
            "\u2581",
            "\u2581\u2581",
            "\u00e9",
            "\u65e5",
            "\ufdfa",
            "\u0000",
            "\u00a0",
            "\ud83d\ude00",
            "##",
            "\u0130",
            "\u0120",
            "\t",
            "\u3000",
            "\u001f");

    private static final List<String> TEXTS = List.of(
            "", " ", "a", "\u2581", "aa", "\u00e9", "\ufdfa", "A", "\u0301", "\n", "##", "_", "x y", "e\u0301",
            "\u65e5");

    private static final List<String> EXPRESSIONS = List.of(
            "\\s+",
            " {2,}",
            "\\p{L}",
            "[^a-z]",
            "a|b",
            "\\p{M}+",
            "(?<=a)b",
            "\\d{1,3}",
            "a*b",
            ".",
            "[\\s\\S]+",
            "(?i:the)",
            "\\S+$",
            "^\\s",
            "(?:ab)+",
            "x?y",
            "\\p{N}{1,3}(?=(?:\\p{N}{3})*x)",
            "\\b",
            "(?=a)");

    private final JsonNode components = read(Formats.resource("tokenizer-components.json"));

    private static JsonNode read(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public byte[] mutate(byte[] sample, SplittableRandom random) {
        ObjectNode root = (ObjectNode) read(sample);
        chain(root, 0, "normalizer", "normalizers", random);
        chain(root, 1, "pre_tokenizer", "pretokenizers", random);
        chain(root, 2, "post_processor", "processors", random);
        chain(root, 3, "decoder", "decoders", random);
        if (random.nextInt(3) == 0) {
            ObjectNode model = (ObjectNode) root.get("model");
            components.get(4).get("model").properties().forEach(entry -> {
                if (random.nextInt(4) == 0) {
                    model.set(entry.getKey(), entry.getValue());
                }
            });
        }
        ArrayNode added = root.withArrayProperty("added_tokens");
        for (int i = random.nextInt(5); i > 0; i--) {
            added.addObject()
                    .put("id", FIRST_ADDED + i)
                    .put("content", any(CONTENTS, random) + (random.nextInt(3) == 0 ? any(CONTENTS, random) : ""))
                    .put("single_word", random.nextBoolean())
                    .put("lstrip", random.nextBoolean())
                    .put("rstrip", random.nextBoolean())
                    .put("normalized", random.nextBoolean())
                    .put("special", random.nextBoolean());
        }
        return root.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String any(List<String> list, SplittableRandom random) {
        return list.get(random.nextInt(list.size()));
    }

    private void chain(ObjectNode root, int index, String section, String list, SplittableRandom random) {
        if (random.nextInt(3) == 0) {
            return;
        }
        JsonNode pool = components.get(index).get(section).get(list);
        ObjectNode sequence = root.putObject(section).put("type", "Sequence");
        ArrayNode parts = sequence.putArray(list);
        for (int i = random.nextInt(5); i > 0; i--) {
            ObjectNode part = pool.get(random.nextInt(pool.size())).deepCopy();
            vary(part, random);
            parts.add(part);
        }
    }

    private static void vary(ObjectNode part, SplittableRandom random) {
        for (Map.Entry<String, JsonNode> field : List.copyOf(part.properties())) {
            if (field.getValue().isBoolean()) {
                part.put(field.getKey(), random.nextBoolean());
            } else if (field.getKey().equals("behavior")) {
                part.put(
                        "behavior",
                        any(
                                List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"),
                                random));
            } else if (field.getKey().equals("prepend_scheme")) {
                part.put("prepend_scheme", any(List.of("first", "never", "always"), random));
            } else if (field.getKey().equals("pattern")) {
                ObjectNode pattern = part.putObject("pattern");
                if (random.nextBoolean()) {
                    pattern.put("Regex", any(EXPRESSIONS, random));
                } else {
                    pattern.put("String", any(TEXTS, random));
                }
            } else if (List.of("content", "prepend", "suffix", "prefix", "pad_token", "delimiter", "replacement")
                    .contains(field.getKey())) {
                part.put(field.getKey(), any(TEXTS, random));
            }
        }
    }
}
