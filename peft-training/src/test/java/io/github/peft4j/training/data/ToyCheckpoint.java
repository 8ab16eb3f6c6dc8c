package io.github.peft4j.training.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A checkpoint folder with a tokenizer whose tokens are characters, so that ids can be read. */
final class ToyCheckpoint {

    /** The id of {@code <s>}, which begins every text. */
    static final int BEGIN = 0;

    /** The id of {@code </s>}. */
    static final int END = 1;

    /** The ids of what a tokenizer of printable ASCII and newline has. */
    static final int SIZE = 3 + 96;

    private static final ObjectMapper JSON = new ObjectMapper();

    private ToyCheckpoint() {}

    /** The id of a character. */
    static int id(char c) {
        return c == '\n' ? SIZE - 1 : 3 + c - ' ';
    }

    static Path write(Path folder) throws IOException {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        vocabulary.put("<s>", BEGIN);
        vocabulary.put("</s>", END);
        vocabulary.put("<unk>", 2);
        for (char c = ' '; c < 127; c++) {
            vocabulary.put("" + c, id(c));
        }
        vocabulary.put("\n", id('\n'));
        Map<String, Object> single = Map.of("SpecialToken", Map.of("id", "<s>", "type_id", 0));
        Map<String, Object> text = Map.of("Sequence", Map.of("id", "A", "type_id", 0));
        Map<String, Object> tokenizer = new LinkedHashMap<>();
        tokenizer.put("version", "1.0");
        tokenizer.put("added_tokens", List.of());
        tokenizer.put(
                "pre_tokenizer",
                Map.of(
                        "type",
                        "Split",
                        "pattern",
                        Map.of("Regex", "[\\s\\S]"),
                        "behavior",
                        "Isolated",
                        "invert",
                        false));
        tokenizer.put(
                "post_processor",
                Map.of(
                        "type", "TemplateProcessing",
                        "single", List.of(single, text),
                        "pair", List.of(single, text, Map.of("Sequence", Map.of("id", "B", "type_id", 0))),
                        "special_tokens",
                                Map.of("<s>", Map.of("id", "<s>", "ids", List.of(BEGIN), "tokens", List.of("<s>")))));
        tokenizer.put("decoder", Map.of("type", "Fuse"));
        tokenizer.put("model", Map.of("type", "WordLevel", "vocab", vocabulary, "unk_token", "<unk>"));
        write(folder, "tokenizer.json", JSON.writeValueAsString(tokenizer));
        write(
                folder,
                "tokenizer_config.json",
                JSON.writeValueAsString(Map.of("bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>")));
        write(
                folder,
                "chat_template.jinja",
                "{{ bos_token }}{% for m in messages %}{{ m.role[0] ~ ':' ~ m.content ~ eos_token ~ '\n' }}{% endfor %}"
                        + "{% if add_generation_prompt %}a:{% endif %}");
        return folder;
    }

    static void write(Path folder, String file, String content) throws IOException {
        Files.write(folder.resolve(file), content.getBytes(StandardCharsets.UTF_8));
    }
}
