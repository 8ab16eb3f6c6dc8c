package io.github.peft4j.core.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object as plain Java values: null, {@code Boolean}, {@code Integer}, {@code Long}, {@code BigInteger}, {@code Double},
 * {@code String}, lists and maps in the order of the text. Strict, since files come from anywhere: no repeated keys, no NaN, nothing
 * after the object, bounded in size and depth.
 */
public final class JsonObject {

    /** Far above any real config. */
    static final long LARGEST = 16L << 20;

    private static final int DEEPEST = 64;

    private static final int LONGEST_NUMBER = 400;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(LONGEST_NUMBER)
                    .build())
            .build();

    private final JsonParser parser;
    private final String source;

    private JsonObject(JsonParser parser, String source) {
        this.parser = parser;
        this.source = source;
    }

    /**
     * Reads a file.
     *
     * @throws CheckpointException if it cannot be read or is no JSON object
     */
    public static Map<String, @Nullable Object> read(Path file) throws CheckpointException {
        try {
            if (Files.size(file) > LARGEST) {
                throw new CheckpointException(file + " has " + Files.size(file) + " bytes, expected at most " + LARGEST
                        + ": this is no config");
            }
            return parse(Files.readString(file), file.toString());
        } catch (CheckpointException e) {
            throw e;
        } catch (CharacterCodingException e) {
            throw new CheckpointException(file + " is not valid UTF-8", e);
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + e, e);
        }
    }

    /**
     * Reads a text.
     *
     * @param source what it is, for messages
     * @throws CheckpointException if it is no JSON object
     */
    public static Map<String, @Nullable Object> parse(String text, String source) throws CheckpointException {
        try (JsonParser parser = FACTORY.createParser(text)) {
            return new JsonObject(parser, source).whole();
        } catch (IOException e) {
            // Nothing is read but the text, so that only the text can be at fault.
            throw e instanceof CheckpointException damaged ? damaged : new CheckpointException(source + ": " + e, e);
        }
    }

    private Map<String, @Nullable Object> whole() throws IOException {
        try {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                throw bad("expected a JSON object, found " + (first == null ? "nothing" : first));
            }
            Map<String, @Nullable Object> object = object();
            if (parser.nextToken() != null) {
                throw bad("expected nothing after the object, found " + parser.currentToken());
            }
            return object;
        } catch (JsonProcessingException e) {
            JsonLocation place = parser.currentLocation();
            String problem = e.getOriginalMessage()
                    .replaceAll("\\s+", " ")
                    .replaceFirst("Non-standard token '(\\S+)': enable .*", "JSON has no number $1");
            throw new CheckpointException(
                    source + " is no valid JSON: " + problem + " at line " + place.getLineNr() + ", column "
                            + place.getColumnNr(),
                    e);
        }
    }

    private CheckpointException bad(String problem) {
        return new CheckpointException(source + ": " + problem);
    }

    private Map<String, @Nullable Object> object() throws IOException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            if (object.containsKey(key)) {
                throw bad("the key \"" + key + "\" stands twice");
            }
            parser.nextToken();
            object.put(key, value());
        }
        return object;
    }

    private List<@Nullable Object> list() throws IOException {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value());
        }
        return list;
    }

    private @Nullable Object value() throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object();
            case START_ARRAY -> list();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getNumberValue();
            case VALUE_NUMBER_FLOAT -> finite(parser.getDoubleValue());
            default -> throw bad("expected a value, found " + parser.currentToken());
        };
    }

    private Double finite(double value) throws IOException {
        if (!Double.isFinite(value)) {
            throw bad("the number " + parser.getText() + " is too large");
        }
        return value;
    }
}
