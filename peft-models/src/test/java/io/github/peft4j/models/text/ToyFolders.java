package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The checkpoint folders of the fixtures, and tiny ones made on the spot. */
public final class ToyFolders {

    public static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> FILES = List.of("/text/tokenizers.jsonl", "/text/tokenizer_classes.jsonl");

    private static final List<JsonNode[]> FIXTURES =
            FILES.stream().map(ToyFolders::read).toList();

    private ToyFolders() {}

    private static JsonNode[] read(String file) {
        try (InputStream in = ToyFolders.class.getResourceAsStream(file)) {
            String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1);
            return new JsonNode[] {JSON.readTree(lines[0]), JSON.readTree(lines[1]), JSON.readTree(lines[2])};
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Folders of the kinds that are published most. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        FIXTURES.get(0)[2].fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The same, and those of all classes. */
    static List<String> allNames() {
        List<String> names = names();
        FIXTURES.get(1)[2].fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static JsonNode[] fixture(String name) {
        return FIXTURES.stream()
                .filter(fixture -> fixture[2].has(name))
                .findFirst()
                .orElseThrow();
    }

    /** The texts of all cases of a folder. */
    static List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        fixture(name)[0].get("texts").forEach(text -> texts.add(text.textValue()));
        return texts;
    }

    /** What transformers says of a folder. */
    static JsonNode expected(String name) {
        return fixture(name)[2].get(name);
    }

    /** All files {@code tokenizer.json} of the fixtures. */
    static List<JsonNode> tokenizers() {
        List<JsonNode> tokenizers = new ArrayList<>();
        FIXTURES.forEach(fixture -> fixture[1].forEach(tokenizers::add));
        return tokenizers;
    }

    /** Writes a folder of a fixture. */
    public static Path write(Path parent, String name) throws IOException {
        Path folder = Files.createDirectories(parent.resolve(name));
        JsonNode entry = expected(name);
        write(
                folder,
                "tokenizer.json",
                fixture(name)[1].get(entry.get("tokenizer").intValue()));
        for (Map.Entry<String, JsonNode> file : entry.get("files").properties()) {
            write(folder, file.getKey(), file.getValue());
        }
        return folder;
    }

    public static void write(Path folder, String file, Object content) throws IOException {
        Files.write(
                folder.resolve(file),
                content instanceof String text
                        ? text.getBytes(StandardCharsets.UTF_8)
                        : JSON.writeValueAsBytes(content));
    }

    /** A tokenizer of whole words that are separated by blanks, with ids in their order. */
    public static Path words(Path folder, String... words) throws IOException {
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
