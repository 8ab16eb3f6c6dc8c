package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The checkpoint folders of the fixture {@code tokenizers.jsonl}, and tiny ones made on the spot. */
final class ToyFolders {

    static final ObjectMapper JSON = new ObjectMapper();

    private static final JsonNode[] FIXTURE = read();

    private ToyFolders() {}

    private static JsonNode[] read() {
        try (InputStream in = ToyFolders.class.getResourceAsStream("/text/tokenizers.jsonl")) {
            String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1);
            return new JsonNode[] {JSON.readTree(lines[0]), JSON.readTree(lines[1]), JSON.readTree(lines[2])};
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> names() {
        List<String> names = new ArrayList<>();
        FIXTURE[2].fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The texts of all cases. */
    static List<String> texts() {
        List<String> texts = new ArrayList<>();
        FIXTURE[0].get("texts").forEach(text -> texts.add(text.textValue()));
        return texts;
    }

    /** What transformers says of a folder. */
    static JsonNode expected(String name) {
        return FIXTURE[2].get(name);
    }

    /** Writes a folder of the fixture. */
    static Path write(Path parent, String name) throws IOException {
        Path folder = Files.createDirectories(parent.resolve(name));
        JsonNode entry = FIXTURE[2].get(name);
        write(folder, "tokenizer.json", FIXTURE[1].get(entry.get("tokenizer").intValue()));
        for (Map.Entry<String, JsonNode> file : entry.get("files").properties()) {
            write(folder, file.getKey(), file.getValue());
        }
        return folder;
    }

    static void write(Path folder, String file, Object content) throws IOException {
        Files.write(
                folder.resolve(file),
                content instanceof String text
                        ? text.getBytes(StandardCharsets.UTF_8)
                        : JSON.writeValueAsBytes(content));
    }

    /** A tokenizer of whole words that are separated by blanks, with ids in their order. */
    static Path words(Path folder, String... words) throws IOException {
        Map<String, Integer> vocabulary = new java.util.LinkedHashMap<>();
        for (String word : words) {
            vocabulary.put(word, vocabulary.size());
        }
        Map<String, Object> tokenizer = new java.util.LinkedHashMap<>();
        tokenizer.put("version", "1.0");
        tokenizer.put("added_tokens", List.of());
        tokenizer.put("pre_tokenizer", Map.of("type", "WhitespaceSplit"));
        tokenizer.put("model", Map.of("type", "WordLevel", "vocab", vocabulary, "unk_token", words[0]));
        write(folder, "tokenizer.json", tokenizer);
        return folder;
    }
}
