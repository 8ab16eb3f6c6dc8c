package io.github.peft4j.models.text;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.internal.Faults;
import io.github.peft4j.models.text.internal.ModelSettings;
import io.github.peft4j.models.text.internal.Pipeline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The file that the native library gets: written anew from what was checked, with vocabulary and merges from the file of the checkpoint. What
 * the library reads is thereby what was checked, whatever the two readers of JSON make of the same bytes.
 */
final class NativeFile {

    /** Those that are published have up to half a million. */
    private static final int MOST_MERGES = 1 << 22;

    private final TokenizerJson json;
    private final ObjectNode settings;
    private final Faults faults;
    private final String type;
    private final byte[] prefix;

    /**
     * A file to be written.
     *
     * @param json the checkpoint's file
     * @param settings settings of the model, with its type
     * @param faults gets what is wrong with the merges
     */
    NativeFile(TokenizerJson json, ObjectNode settings, Faults faults) {
        this.json = json;
        this.settings = settings;
        this.faults = faults;
        this.type = settings.path("type").asText();
        this.prefix = settings.path("continuing_subword_prefix").asText("").getBytes(StandardCharsets.UTF_8);
    }

    /** Writes it. */
    byte[] write(Map<String, JsonNode> sections, AddedTokens tokens) throws IOException {
        int longest = type.equals("Unigram") ? ModelSettings.LONGEST_PIECE : ModelSettings.LONGEST_TOKEN;
        if (json.longestToken() > longest) {
            faults.add(
                    "model.vocab",
                    "expected tokens of at most " + longest + " characters, found one of " + json.longestToken());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(json.size());
        try (JsonGenerator generator = TokenizerJson.JSON.createGenerator(out)) {
            generator.writeStartObject();
            generator.writeStringField("version", "1.0");
            generator.writeFieldName("added_tokens");
            generator.writeStartArray();
            for (AddedToken token : tokens.history()) {
                generator.writeTree(
                        token.json(Objects.requireNonNull(tokens.ids().get(token.content()))));
            }
            generator.writeEndArray();
            for (String name : Pipeline.SECTIONS) {
                generator.writeFieldName(name);
                generator.writeTree(sections.get(name));
            }
            generator.writeFieldName("model");
            model(generator);
            generator.writeEndObject();
        }
        return out.toByteArray();
    }

    private void model(JsonGenerator generator) throws IOException {
        generator.writeStartObject();
        for (Map.Entry<String, JsonNode> setting : settings.properties()) {
            generator.writeFieldName(setting.getKey());
            generator.writeTree(setting.getValue());
        }
        boolean scores = type.equals("Unigram");
        boolean merges = false;
        try (JsonParser parser = json.parser()) {
            boolean found = find(parser, "model");
            while (found && parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                JsonToken start = parser.nextToken();
                if (key.equals("vocab") && scores && start == JsonToken.START_ARRAY) {
                    scored(parser, generator);
                } else if (key.equals("merges") && type.equals("BPE") && start == JsonToken.START_ARRAY) {
                    merges(parser, generator);
                    merges = true;
                } else {
                    parser.skipChildren();
                }
            }
        }
        if (!scores) {
            generator.writeFieldName("vocab");
            generator.writeStartObject();
            for (Map.Entry<String, Integer> entry : json.vocabulary().entrySet()) {
                generator.writeNumberField(entry.getKey(), entry.getValue());
            }
            generator.writeEndObject();
        }
        if (type.equals("BPE") && !merges) {
            generator.writeArrayFieldStart("merges");
            generator.writeEndArray();
        }
        generator.writeEndObject();
    }

    /** Goes to the beginning of a section. */
    static boolean find(JsonParser parser, String section) throws IOException {
        parser.nextToken();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean found = parser.currentName().equals(section);
            parser.nextToken();
            if (found) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }

    private static void scored(JsonParser parser, JsonGenerator generator) throws IOException {
        generator.writeArrayFieldStart("vocab");
        while (parser.nextToken() == JsonToken.START_ARRAY) {
            generator.writeStartArray();
            parser.nextToken();
            generator.writeString(parser.getText());
            parser.nextToken();
            // As it is written there: the native reader does not round like this one.
            generator.writeNumber(parser.getText());
            parser.nextToken();
            generator.writeEndArray();
        }
        generator.writeEndArray();
    }

    private void merges(JsonParser parser, JsonGenerator generator) throws IOException {
        generator.writeArrayFieldStart("merges");
        int index = 0;
        JsonToken kind = null;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            JsonToken found = parser.currentToken();
            String[] pair = kind == null || kind == found ? pair(parser, found) : null;
            kind = found;
            if (index >= MOST_MERGES) {
                throw new CheckpointException(json.file() + ": model.merges has more than " + MOST_MERGES);
            } else if (pair == null) {
                throw new CheckpointException(
                        json.file() + ": model.merges must list pairs of tokens, number " + index + " is another");
            } else if (pair.length > 0) {
                merge(generator, index, pair[0], pair[1]);
            }
            index++;
        }
        generator.writeEndArray();
    }

    /** The tokens of a merge; none for a comment, null if it is no merge. */
    private static String @Nullable [] pair(JsonParser parser, JsonToken kind) throws IOException {
        if (kind == JsonToken.VALUE_STRING) {
            String[] pair = parser.getText().split(" ", -1);
            boolean comment = parser.getText().startsWith("#version");
            return comment ? new String[0] : pair.length == 2 ? pair : null;
        } else if (kind != JsonToken.START_ARRAY || parser.nextToken() != JsonToken.VALUE_STRING) {
            return null;
        }
        String first = parser.getText();
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
            return null;
        }
        String[] pair = {first, parser.getText()};
        return parser.nextToken() == JsonToken.END_ARRAY ? pair : null;
    }

    private void merge(JsonGenerator generator, int index, String first, String second) throws IOException {
        generator.writeStartArray();
        generator.writeString(first);
        generator.writeString(second);
        generator.writeEndArray();
        String lacking = lacking(first, second);
        if (lacking != null) {
            faults.add("model.merges[" + index + "]", lacking);
        }
    }

    private @Nullable String lacking(String first, String second) {
        byte[] bytes = prefix.length == 0 ? prefix : second.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < prefix.length || (bytes.length > prefix.length && (bytes[prefix.length] & 0xc0) == 0x80)) {
            return "continuing_subword_prefix is longer than " + Faults.quoted(second);
        }
        String rest = prefix.length == 0
                ? second
                : new String(bytes, prefix.length, bytes.length - prefix.length, StandardCharsets.UTF_8);
        for (String token : new String[] {first, second, first + rest}) {
            if (!json.vocabulary().containsKey(token)) {
                return Faults.quoted(token) + " is not in the vocabulary";
            }
        }
        return null;
    }
}
