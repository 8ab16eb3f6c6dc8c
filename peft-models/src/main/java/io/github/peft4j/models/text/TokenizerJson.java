package io.github.peft4j.models.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.internal.Faults;
import io.github.peft4j.models.text.internal.ModelSettings;
import io.github.peft4j.models.text.internal.Pipeline;
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
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code tokenizer.json}, read as a stream, since vocabulary and merges are large. */
final class TokenizerJson {

    /** The largest that are published have 35 MB. */
    private static final long LARGEST = 128L << 20;

    private static final int LARGEST_ID = 1 << 30;

    /** The largest that are published have one million. */
    private static final int MOST_TOKENS = 1 << 21;

    // Not the shared table of field names: a vocabulary would fill it. A token may be long.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNameLength(1 << 20).build())
            .build();

    static final ObjectMapper JSON = new ObjectMapper(FACTORY);

    private final Path file;
    private final byte[] bytes;
    private final List<AddedToken> added = new ArrayList<>();
    private final Map<Integer, AddedToken> addedById = new TreeMap<>();
    private final Map<String, JsonNode> sections = new HashMap<>();
    private final ObjectNode settings = JSON.createObjectNode();
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private int longestToken;
    private boolean scored;
    private boolean hasMerges;
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
        try (JsonParser parser = parser()) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new CheckpointException(file + " holds no JSON object");
            }
            Set<String> seen = new HashSet<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String section = parser.currentName();
                if (!seen.add(section)) {
                    throw new CheckpointException(file + " has the section " + section + " twice");
                }
                scan(parser, section, parser.nextToken());
            }
        }
        if (vocabulary.isEmpty()) {
            throw new CheckpointException(
                    file + " holds no vocabulary: expected a file as Hugging Face's tokenizers library"
                            + " writes it, with model.vocab");
        }
    }

    private void scan(JsonParser parser, String section, JsonToken start) throws IOException {
        if (section.equals("added_tokens") && start == JsonToken.START_ARRAY) {
            JsonNode tokens = parser.readValueAsTree();
            for (JsonNode token : tokens) {
                if (!token.path("id").isInt() || token.get("id").intValue() < 0) {
                    throw new CheckpointException(file + ": each of added_tokens needs an id");
                }
                added.add(AddedToken.of(token));
                addedById.put(token.get("id").intValue(), AddedToken.of(token));
            }
        } else if (section.equals("padding") && start == JsonToken.START_OBJECT) {
            JsonNode padding = parser.readValueAsTree();
            paddingToken = padding.path("pad_token").textValue();
        } else if (section.equals("version")
                && start.isScalarValue()
                && !parser.getText().equals("1.0")) {
            throw new CheckpointException(file + " has the version " + parser.getText() + ", expected 1.0");
        } else if (section.equals("model") && start == JsonToken.START_OBJECT) {
            scanModel(parser);
        } else if (Pipeline.SECTIONS.contains(section)) {
            sections.put(section, parser.readValueAsTree());
        } else {
            parser.skipChildren();
        }
    }

    private void scanModel(JsonParser parser) throws IOException {
        Set<String> seen = new HashSet<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken start = parser.nextToken();
            if (!seen.add(key)) {
                throw new CheckpointException(file + " has the setting model." + key + " twice");
            }
            if (key.equals("vocab") && start == JsonToken.START_OBJECT) {
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String token = parser.currentName();
                    put(token, id(parser, token));
                }
            } else if (key.equals("vocab") && start == JsonToken.START_ARRAY) {
                scored = true;
                scanScored(parser);
            } else if (start.isScalarValue()) {
                settings.set(key, parser.readValueAsTree());
            } else {
                hasMerges |= key.equals("merges");
                parser.skipChildren();
            }
        }
    }

    private int id(JsonParser parser, String token) throws IOException {
        boolean whole = parser.nextToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT
                && parser.getIntValue() >= 0
                && parser.getIntValue() <= LARGEST_ID;
        if (!whole) {
            throw new CheckpointException(file + ": model.vocab must map tokens to ids from 0 to " + LARGEST_ID + ", "
                    + Faults.quoted(token) + " has another");
        }
        return parser.getIntValue();
    }

    private void scanScored(JsonParser parser) throws IOException {
        int id = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean pair =
                    parser.currentToken() == JsonToken.START_ARRAY && parser.nextToken() == JsonToken.VALUE_STRING;
            String token = pair ? parser.getText() : "";
            pair = pair
                    && parser.nextToken() != null
                    && parser.currentToken().isNumeric()
                    && Double.isFinite(parser.getDoubleValue())
                    && parser.nextToken() == JsonToken.END_ARRAY;
            if (!pair) {
                throw new CheckpointException(
                        file + ": model.vocab must list tokens with finite scores, number " + id + " is another");
            }
            put(token, id++);
        }
    }

    private void put(String token, int id) throws CheckpointException {
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isHighSurrogate(c)
                        && i + 1 < token.length()
                        && Character.isLowSurrogate(token.charAt(i + 1))) {
                    i++;
                } else {
                    throw new CheckpointException(file + ": the token " + Faults.quoted(token)
                            + " of model.vocab holds half of a surrogate pair");
                }
            }
        }
        longestToken = Math.max(longestToken, token.length());
        vocabulary.put(token, id);
        if (vocabulary.size() > MOST_TOKENS) {
            throw new CheckpointException(file + ": model.vocab has more than " + MOST_TOKENS + " tokens");
        }
    }

    /** A parser of the file from its beginning. */
    JsonParser parser() throws IOException {
        return JSON.createParser(bytes);
    }

    /** The file's size in bytes. */
    int size() {
        return bytes.length;
    }

    Path file() {
        return file;
    }

    /** "BPE", "Unigram", "WordLevel" or "WordPiece", or what else the file says. */
    String modelType() {
        return ModelSettings.typeOf(settings, scored, hasMerges);
    }

    /** The settings of the model. */
    ObjectNode settings() {
        return settings;
    }

    /** Normalizer, pre-tokenizer, post-processor and decoder. */
    Map<String, JsonNode> sections() {
        return sections;
    }

    /** Whether the vocabulary is a list of tokens with scores. */
    boolean scored() {
        return scored;
    }

    /** Characters of the longest token. */
    int longestToken() {
        return longestToken;
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

    /** The same by the ids that the file gives them, of which the library makes nothing. */
    Map<Integer, AddedToken> addedById() {
        return addedById;
    }

    /** The place of a token in the list of tokens with scores. */
    @Nullable
    Integer firstIndex(String token, int after, boolean scoredZero) throws CheckpointException {
        try (JsonParser parser = parser()) {
            NativeFile.find(parser, "model");
            while (parser.nextToken() == JsonToken.FIELD_NAME
                    && !parser.currentName().equals("vocab")) {
                parser.nextToken();
                parser.skipChildren();
            }
            parser.nextToken();
            for (int index = 0; parser.nextToken() == JsonToken.START_ARRAY; index++) {
                parser.nextToken();
                boolean same = index >= after && parser.getText().equals(token);
                parser.nextToken();
                if (same && (!scoredZero || parser.getDoubleValue() == 0)) {
                    return index;
                }
                parser.nextToken();
            }
            return null;
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Ids by token, without those that are added. */
    Map<String, Integer> vocabulary() {
        return vocabulary;
    }

    boolean mentionsByteLevel() {
        return new String(bytes, StandardCharsets.ISO_8859_1).contains("\"ByteLevel\"");
    }
}
