package io.github.peft4j.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The tokenizers of the fixtures of {@code peft-models}, which the real library wrote: each kind and class that is published. */
final class TokenizerFolders {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> FIXTURES = List.of("/text/tokenizers.jsonl", "/text/tokenizer_classes.jsonl");

    private TokenizerFolders() {}

    /** All folders. */
    static List<Sample> all() throws IOException {
        return List.copyOf(byName().values());
    }

    /** A folder. */
    static Sample named(String name) throws IOException {
        return Objects.requireNonNull(byName().get(name), name);
    }

    private static Map<String, Sample> byName() throws IOException {
        Map<String, Sample> folders = new LinkedHashMap<>();
        for (String fixture : FIXTURES) {
            try (InputStream in = Objects.requireNonNull(TokenizerFolders.class.getResourceAsStream(fixture), fixture);
                    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                lines.readLine();
                JsonNode tokenizers = JSON.readTree(lines.readLine());
                JSON.readTree(lines.readLine())
                        .properties()
                        .forEach(entry -> folders.put(entry.getKey(), folder(entry.getValue(), tokenizers)));
            }
        }
        return folders;
    }

    private static Sample folder(JsonNode entry, JsonNode tokenizers) {
        Sample sample = Sample.of(
                "tokenizer.json",
                tokenizers.get(entry.get("tokenizer").intValue()).toString());
        for (Map.Entry<String, JsonNode> file : entry.get("files").properties()) {
            sample = sample.with(file.getKey(), file.getValue().toString());
        }
        return sample;
    }
}
