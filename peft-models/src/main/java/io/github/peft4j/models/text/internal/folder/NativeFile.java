package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonQuoting;
import io.github.peft4j.models.internal.json.JsonReader;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.text.internal.checks.Faults;
import io.github.peft4j.models.text.internal.checks.ModelSettings;
import io.github.peft4j.models.text.internal.checks.Pipeline;
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
public final class NativeFile {

    /** Those that are published have up to half a million. */
    private static final int MOST_MERGES = 1 << 22;

    private static final JsonQuoting.Escaping ESCAPING = JsonQuoting.Escaping.UNICODE;
    private static final JsonWriter JSON =
            JsonWriter.PYTHON.separators(",", ":").escaping(ESCAPING);
    private static final int CHUNK = 1 << 16;

    private final TokenizerJson json;
    private final Map<String, @Nullable Object> settings;
    private final Faults faults;
    private final String type;
    private final byte[] prefix;
    private final ByteArrayOutputStream bytes;
    /** What is not among the bytes yet. */
    private final StringBuilder text = new StringBuilder();

    /**
     * A file to be written.
     *
     * @param json the checkpoint's file
     * @param settings settings of the model, with its type
     * @param faults gets what is wrong with the merges
     */
    public NativeFile(TokenizerJson json, Map<String, @Nullable Object> settings, Faults faults) {
        this.json = json;
        this.settings = settings;
        this.faults = faults;
        this.type = JsonValues.text(settings.get("type"));
        this.prefix = JsonValues.text(settings.get("continuing_subword_prefix")).getBytes(StandardCharsets.UTF_8);
        this.bytes = new ByteArrayOutputStream(json.size());
    }

    /** Writes it. */
    public byte[] write(Map<String, @Nullable Object> sections, AddedTokens tokens) throws IOException {
        int longest = type.equals("Unigram") ? ModelSettings.LONGEST_PIECE : ModelSettings.LONGEST_TOKEN;
        if (json.longestToken() > longest) {
            faults.add(
                    "model.vocab",
                    "expected tokens of at most " + longest + " characters, found one of " + json.longestToken());
        }
        text.append("{\"version\":\"1.0\",\"added_tokens\":[");
        String comma = "";
        for (AddedToken token : tokens.history()) {
            text.append(comma);
            JSON.write(token.json(Objects.requireNonNull(tokens.ids().get(token.content()))), text::append);
            comma = ",";
            flush(CHUNK);
        }
        text.append(']');
        for (String name : Pipeline.SECTIONS) {
            text.append(",\"").append(name).append("\":").append(JSON.write(sections.get(name)));
        }
        text.append(",\"model\":");
        model();
        text.append('}');
        flush(0);
        return bytes.toByteArray();
    }

    private void flush(int longest) {
        if (text.length() > longest) {
            bytes.writeBytes(text.toString().getBytes(StandardCharsets.UTF_8));
            text.setLength(0);
        }
    }

    private void model() throws IOException {
        text.append(JSON.write(settings));
        text.setLength(text.length() - 1); // the object goes on
        boolean scored = type.equals("Unigram");
        JsonReader scores = scored ? json.scores() : null;
        if (scores != null) {
            scored(scores);
        }
        if (!scored) {
            vocabulary();
        }
        if (type.equals("BPE")) {
            merges(json.merges());
        }
        text.append('}');
    }

    private void vocabulary() {
        text.append(",\"vocab\":{");
        String comma = "";
        for (Map.Entry<String, Integer> entry : json.vocabulary().entrySet()) {
            text.append(comma);
            JsonQuoting.quote(text, entry.getKey(), ESCAPING);
            text.append(':').append(entry.getValue().intValue());
            comma = ",";
            flush(CHUNK);
        }
        text.append('}');
    }

    private void scored(JsonReader reader) throws IOException {
        text.append(",\"vocab\":[");
        String comma = "";
        reader.beginList();
        while (reader.nextItem()) {
            reader.beginList();
            reader.nextItem();
            text.append(comma).append('[');
            JsonQuoting.quote(text, reader.text(), ESCAPING);
            reader.nextItem();
            // As it is written there: the native reader does not round like this one.
            text.append(',').append(json.written(reader)).append(']');
            reader.nextItem();
            comma = ",";
            flush(CHUNK);
        }
        text.append(']');
    }

    private void merges(@Nullable JsonReader reader) throws IOException {
        text.append(",\"merges\":[");
        if (reader != null) {
            reader.beginList();
            items(reader);
        }
        text.append(']');
    }

    private void items(JsonReader reader) throws IOException {
        JsonKind first = null;
        String comma = "";
        for (int index = 0; reader.nextItem(); index++) {
            JsonKind kind = reader.peek();
            first = first == null ? kind : first;
            String[] pair = kind == first ? pair(reader, kind) : null;
            if (index >= MOST_MERGES) {
                throw new CheckpointException(json.file() + ": model.merges has more than " + MOST_MERGES);
            } else if (pair == null) {
                throw new CheckpointException(
                        json.file() + ": model.merges must list pairs of tokens, number " + index + " is another");
            } else if (pair.length > 0) {
                text.append(comma);
                merge(index, pair[0], pair[1]);
                comma = ",";
            }
            flush(CHUNK);
        }
    }

    /** The tokens of a merge; none for a comment, null if it is no merge. */
    private static String @Nullable [] pair(JsonReader reader, JsonKind kind) throws IOException {
        if (kind == JsonKind.TEXT) {
            String merge = reader.text();
            String[] pair = merge.split(" ", -1);
            return merge.startsWith("#version") ? new String[0] : pair.length == 2 ? pair : null;
        } else if (kind != JsonKind.LIST) {
            return null;
        }
        reader.beginList();
        String first = nextText(reader);
        String second = first == null ? null : nextText(reader);
        return first == null || second == null || reader.nextItem() ? null : new String[] {first, second};
    }

    private static @Nullable String nextText(JsonReader reader) throws IOException {
        return reader.nextItem() && reader.peek() == JsonKind.TEXT ? reader.text() : null;
    }

    private void merge(int index, String first, String second) {
        text.append('[');
        JsonQuoting.quote(text, first, ESCAPING);
        text.append(',');
        JsonQuoting.quote(text, second, ESCAPING);
        text.append(']');
        String lacking = lacking(first, second);
        if (lacking != null) {
            faults.add("model.merges[" + index + "]", lacking);
        }
    }

    private @Nullable String lacking(String first, String second) {
        byte[] utf8 = prefix.length == 0 ? prefix : second.getBytes(StandardCharsets.UTF_8);
        if (utf8.length < prefix.length || (utf8.length > prefix.length && (utf8[prefix.length] & 0xc0) == 0x80)) {
            return "continuing_subword_prefix is longer than " + Printable.quoted(second);
        }
        String rest = prefix.length == 0
                ? second
                : new String(utf8, prefix.length, utf8.length - prefix.length, StandardCharsets.UTF_8);
        String merged = first.concat(rest);
        Map<String, Integer> vocabulary = json.vocabulary();
        if (vocabulary.containsKey(first) && vocabulary.containsKey(second) && vocabulary.containsKey(merged)) {
            return null;
        }
        String unknown = !vocabulary.containsKey(first) ? first : !vocabulary.containsKey(second) ? second : merged;
        return Printable.quoted(unknown) + " is not in the vocabulary";
    }
}
