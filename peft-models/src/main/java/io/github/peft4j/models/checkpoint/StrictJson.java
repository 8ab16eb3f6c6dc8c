package io.github.peft4j.models.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads JSON of a checkpoint token by token, so that repeated keys are seen and nothing is built that is not needed. */
final class StrictJson {

    // Without the shared table of field names: a hostile file could make it refuse honest ones later.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final String what;
    private final JsonParser parser;

    /** Turns the tokens into a value. */
    interface Content<T> {
        T read(StrictJson json) throws IOException;
    }

    private StrictJson(String what, JsonParser parser) {
        this.what = what;
        this.parser = parser;
    }

    /**
     * Reads one JSON value and nothing after it.
     *
     * @param what the beginning of every message, for instance "/models/a.safetensors: damaged header"
     */
    static <T> T read(String what, byte[] utf8, Content<T> content) throws CheckpointException {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        try (JsonParser parser = FACTORY.createParser(new InputStreamReader(new ByteArrayInputStream(utf8), decoder))) {
            StrictJson json = new StrictJson(what, parser);
            T value = content.read(json);
            if (parser.nextToken() != null) {
                throw json.damaged("expected nothing after the last '}', found " + parser.currentToken());
            }
            return value;
        } catch (CheckpointException e) {
            throw e;
        } catch (JsonProcessingException e) {
            throw new CheckpointException(what + ": not valid JSON: " + Quoted.line(e.getOriginalMessage()), e);
        } catch (CharacterCodingException e) {
            throw new CheckpointException(what + ": not valid UTF-8", e);
        } catch (IOException e) {
            throw new CheckpointException(what + ": " + e, e);
        }
    }

    /** Enters an object. */
    void object(String name) throws IOException {
        expect(JsonToken.START_OBJECT, "an object", name);
    }

    /** Moves to the next key of the object; null at its end. */
    @Nullable
    String nextKey(Set<String> seen, String name) throws IOException {
        if (parser.nextToken() != JsonToken.FIELD_NAME) {
            return null;
        }
        String key = parser.currentName();
        if (!seen.add(key)) {
            throw damaged(name + ": the key " + Quoted.name(key) + " stands twice");
        }
        return key;
    }

    String string(String name) throws IOException {
        expect(JsonToken.VALUE_STRING, "text", name);
        return parser.getText();
    }

    List<Long> integers(String name, int limit) throws IOException {
        List<Long> values = new ArrayList<>(4);
        expect(JsonToken.START_ARRAY, "a list", name);
        while (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
            if (values.size() == limit) {
                throw damaged(name + ": expected at most " + limit + " numbers");
            }
            values.add(parser.getLongValue());
        }
        if (parser.currentToken() != JsonToken.END_ARRAY) {
            throw damaged(name + ": expected whole numbers, found " + parser.currentToken());
        }
        return values;
    }

    void skip() throws IOException {
        parser.nextToken();
        parser.skipChildren();
    }

    CheckpointException damaged(String problem) {
        return new CheckpointException(what + ": " + problem);
    }

    private void expect(JsonToken expected, String wording, String name) throws IOException {
        JsonToken found = parser.nextToken();
        if (found != expected) {
            throw damaged(name + ": expected " + wording + ", found " + (found == null ? "the end" : found));
        }
    }
}
