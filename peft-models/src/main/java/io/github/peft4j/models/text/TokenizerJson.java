package io.github.peft4j.models.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code tokenizer.json}: read as a stream, since vocabulary and merges are large, and written again with other settings. */
final class TokenizerJson {

    /** The largest that are published have 35 MB. */
    private static final long LARGEST = 256L << 20;

    // Not the shared table of field names: a vocabulary would fill it. A token may be long.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNameLength(1 << 20).build())
            .build();

    private static final ObjectMapper JSON = new ObjectMapper(FACTORY);

    private final Path file;
    private final byte[] bytes;
    private final List<AddedToken> added = new ArrayList<>();
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private String modelType = "";
    private @Nullable String paddingToken;

    private TokenizerJson(Path file, byte[] bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /**
     * Reads a tokenizer.
     *
     * @throws CheckpointException if there is no such file or it is no tokenizer
     */
    static TokenizerJson read(Path file) throws CheckpointException {
        try {
            if (Files.size(file) > LARGEST) {
                throw new CheckpointException(file + " is larger than " + LARGEST + " bytes: this is no tokenizer");
            }
            TokenizerJson json = new TokenizerJson(file, Files.readAllBytes(file));
            json.scan();
            return json;
        } catch (NoSuchFileException e) {
            throw new CheckpointException("no " + file, e);
        } catch (CheckpointException e) {
            throw e;
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    file + " is no valid JSON: " + e.getOriginalMessage() + " at line "
                            + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr(),
                    e);
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private void scan() throws IOException {
        try (JsonParser parser = JSON.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new CheckpointException(file + " holds no JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String section = parser.currentName();
                JsonToken start = parser.nextToken();
                if (section.equals("added_tokens") && start == JsonToken.START_ARRAY) {
                    JsonNode tokens = parser.readValueAsTree();
                    tokens.forEach(token -> added.add(AddedToken.of(token)));
                } else if (section.equals("padding") && start == JsonToken.START_OBJECT) {
                    JsonNode padding = parser.readValueAsTree();
                    paddingToken = padding.path("pad_token").textValue();
                } else if (section.equals("model") && start == JsonToken.START_OBJECT) {
                    scanModel(parser);
                } else {
                    parser.skipChildren();
                }
            }
        }
        if (vocabulary.isEmpty()) {
            throw new CheckpointException(
                    file + " holds no vocabulary: expected a file as Hugging Face's tokenizers library"
                            + " writes it, with model.vocab");
        }
    }

    private void scanModel(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken start = parser.nextToken();
            if (key.equals("type")) {
                modelType = parser.getText();
            } else if (key.equals("vocab") && start == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String token = parser.currentName();
                    parser.nextToken();
                    vocabulary.put(token, parser.getIntValue());
                }
            } else if (key.equals("vocab") && start == JsonToken.START_ARRAY) {
                int id = 0;
                while (parser.nextToken() == JsonToken.START_ARRAY) {
                    vocabulary.put(String.valueOf(parser.nextTextValue()), id++);
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        parser.skipChildren();
                    }
                }
            } else {
                parser.skipChildren();
            }
        }
    }

    /** "BPE", "Unigram", "WordLevel" or "WordPiece"; empty if the file, an old one, does not say. */
    String modelType() {
        return modelType;
    }

    /** The token with which the file fills up rows, or null if it does not. */
    @Nullable
    String paddingToken() {
        return paddingToken;
    }

    /** The tokens that the file adds to the vocabulary. */
    List<AddedToken> added() {
        return added;
    }

    /** Ids by token, without those that are added. */
    Map<String, Integer> vocabulary() {
        return vocabulary;
    }

    boolean mentionsByteLevel() {
        return new String(bytes, StandardCharsets.ISO_8859_1).contains("\"ByteLevel\"");
    }

    /** The file as it is. */
    byte[] bytes() {
        return bytes;
    }

    /**
     * The file with other settings.
     *
     * @param sections top-level sections to replace
     * @param model settings of the model to replace
     * @param tokens all added tokens
     */
    byte[] with(Map<String, JsonNode> sections, Map<String, JsonNode> model, AddedTokens tokens) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        try (JsonParser parser = JSON.createParser(bytes);
                JsonGenerator generator = JSON.createGenerator(out)) {
            Map<String, JsonNode> replaced = new HashMap<>(sections);
            var list = JSON.createArrayNode();
            tokens.history()
                    .forEach(token -> list.add(
                            token.json(Objects.requireNonNull(tokens.ids().get(token.content())))));
            replaced.put("added_tokens", list);
            parser.nextToken();
            copy(parser, generator, replaced, model);
        }
        return out.toByteArray();
    }

    /** Copies an object, and the settings of the object "model" in it with their own replacements. */
    private static void copy(
            JsonParser parser, JsonGenerator generator, Map<String, JsonNode> replaced, Map<String, JsonNode> model)
            throws IOException {
        Set<String> missing = new HashSet<>(replaced.keySet());
        generator.writeStartObject();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            generator.writeFieldName(key);
            if (missing.remove(key)) {
                parser.skipChildren();
                generator.writeTree(replaced.get(key));
            } else if (key.equals("model") && !model.isEmpty()) {
                copy(parser, generator, model, Map.of());
            } else {
                generator.copyCurrentStructure(parser);
            }
        }
        for (String key : missing) {
            generator.writeFieldName(key);
            generator.writeTree(replaced.get(key));
        }
        generator.writeEndObject();
    }
}
