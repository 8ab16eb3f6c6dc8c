package io.github.peft4j.models.text.internal.folder;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonReader;
import io.github.peft4j.models.internal.json.JsonTree;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.text.internal.checks.ModelSettings;
import io.github.peft4j.models.text.internal.checks.Pipeline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code tokenizer.json}, read as a stream, since vocabulary and merges are large. */
public final class TokenizerJson {

    /** The largest that are published have 35 MB. */
    private static final JsonLimits LIMITS = JsonLimits.ofBytes(128 << 20);

    private static final int LARGEST_ID = 1 << 30;

    /** The largest that are published have one million. */
    private static final int MOST_TOKENS = 1 << 21;

    private final Path file;
    private final byte[] bytes;
    private final List<AddedToken> added = new ArrayList<>();
    private final Map<Integer, AddedToken> addedById = new TreeMap<>();
    private final Map<String, @Nullable Object> sections = new HashMap<>();
    private final Map<String, @Nullable Object> settings = new LinkedHashMap<>();
    private final Map<String, Integer> vocabulary = new HashMap<>();
    private int longestToken;
    private boolean hasMerges;
    /** Where the lists begin that are too large to be kept; -1 where there is none. */
    private int scores = -1;

    private int merges = -1;
    /** Where the list of added tokens ends; -1 where there is none. */
    private int behindAdded = -1;

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
    public static TokenizerJson read(Path file) throws CheckpointException {
        TokenizerJson json = new TokenizerJson(file, InputFile.bytes(file, LIMITS.bytes()));
        try {
            json.scan();
            return json;
        } catch (JsonException e) {
            throw new CheckpointException(file + " is no valid JSON: " + e.getMessage(), e);
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot fail to be read", e);
        }
    }

    private void scan() throws IOException {
        JsonReader reader = JsonReader.of(bytes, LIMITS);
        if (reader.atEnd() || reader.peek() != JsonKind.OBJECT) {
            throw new CheckpointException(file + " holds no JSON object");
        }
        reader.beginObject();
        Set<String> seen = new HashSet<>();
        for (String section; (section = reader.nextKey()) != null; ) {
            if (!seen.add(section)) {
                throw new CheckpointException(file + " has the section " + Printable.quoted(section) + " twice");
            }
            scan(reader, section, reader.peek());
        }
        reader.end();
        if (vocabulary.isEmpty()) {
            throw new CheckpointException(
                    file + " holds no vocabulary: expected a file as Hugging Face's tokenizers library"
                            + " writes it, with model.vocab");
        }
    }

    private void scan(JsonReader reader, String section, JsonKind kind) throws IOException {
        if (section.equals("added_tokens") && kind == JsonKind.LIST) {
            List<@Nullable Object> tokens = JsonValues.list(JsonTree.next(reader));
            behindAdded = (int) reader.offset();
            for (Object token : tokens) {
                if (!(JsonValues.at(token, "id") instanceof Integer id) || id < 0) {
                    throw new CheckpointException(file + ": each of added_tokens needs an id");
                }
                added.add(AddedToken.of(token));
                addedById.put(id, AddedToken.of(token));
            }
        } else if (section.equals("padding")) {
            paddingToken = JsonValues.at(JsonTree.next(reader), "pad_token") instanceof String token ? token : null;
        } else if (section.equals("version")) {
            Object version = JsonTree.next(reader);
            if (!"1.0".equals(version)) {
                throw new CheckpointException(
                        file + " has the version " + JsonWriter.shown(version) + ", expected \"1.0\"");
            }
        } else if (section.equals("model") && kind == JsonKind.OBJECT) {
            scanModel(reader);
        } else if (Pipeline.SECTIONS.contains(section)) {
            sections.put(section, JsonTree.next(reader));
        } else {
            reader.skip();
        }
    }

    private void scanModel(JsonReader reader) throws IOException {
        Set<String> seen = new HashSet<>();
        reader.beginObject();
        for (String key; (key = reader.nextKey()) != null; ) {
            if (!seen.add(key)) {
                throw new CheckpointException(file + " has the setting " + Printable.quoted("model." + key) + " twice");
            }
            JsonKind kind = reader.peek();
            if (key.equals("vocab") && kind == JsonKind.OBJECT) {
                reader.beginObject();
                for (String token; (token = reader.nextKey()) != null; ) {
                    put(token, id(reader, token));
                }
            } else if (key.equals("vocab") && kind == JsonKind.LIST) {
                scores = (int) reader.offset();
                scanScored(reader);
            } else if (kind != JsonKind.OBJECT && kind != JsonKind.LIST) {
                settings.put(key, JsonTree.next(reader));
            } else {
                if (key.equals("merges")) {
                    hasMerges = true;
                    merges = kind == JsonKind.LIST ? (int) reader.offset() : -1;
                }
                reader.skip();
            }
        }
    }

    private int id(JsonReader reader, String token) throws IOException {
        if (reader.peek() == JsonKind.NUMBER && reader.number() instanceof Integer id && id >= 0 && id <= LARGEST_ID) {
            return id;
        }
        throw new CheckpointException(file + ": model.vocab must map tokens to ids from 0 to " + LARGEST_ID + ", "
                + Printable.quoted(token) + " has another");
    }

    private void scanScored(JsonReader reader) throws IOException {
        reader.beginList();
        for (int id = 0; reader.nextItem(); id++) {
            String token = null;
            boolean pair = false;
            if (reader.peek() == JsonKind.LIST) {
                reader.beginList();
                token = reader.nextItem() && reader.peek() == JsonKind.TEXT ? reader.text() : null;
                pair = token != null
                        && reader.nextItem()
                        && reader.peek() == JsonKind.NUMBER
                        && Double.isFinite(reader.number().doubleValue())
                        && !reader.nextItem();
            }
            if (token == null || !pair) {
                throw new CheckpointException(
                        file + ": model.vocab must list tokens with finite scores, number " + id + " is another");
            }
            put(token, id);
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
                    throw new CheckpointException(file + ": the token " + Printable.quoted(token)
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

    /** A reader of the list of tokens with scores, or null if there is none. */
    @Nullable
    JsonReader scores() {
        return scores < 0 ? null : JsonReader.at(bytes, scores, LIMITS);
    }

    /** A reader of the list of merges, or null if there is none. */
    @Nullable
    JsonReader merges() {
        return merges < 0 ? null : JsonReader.at(bytes, merges, LIMITS);
    }

    /** Takes a number as the text of the file has it. */
    String written(JsonReader reader) throws IOException {
        reader.peek();
        int start = (int) reader.offset();
        reader.number();
        return new String(bytes, start, (int) reader.offset() - start, StandardCharsets.ISO_8859_1);
    }

    /** The file's size in bytes. */
    int size() {
        return bytes.length;
    }

    public Path file() {
        return file;
    }

    /** The file as it is. */
    byte[] bytes() {
        return bytes;
    }

    /** Where the list of added tokens ends, right behind its bracket; -1 if there is none. */
    int behindAdded() {
        return behindAdded;
    }

    /** "BPE", "Unigram", "WordLevel" or "WordPiece", or what else the file says. */
    public String modelType() {
        return ModelSettings.typeOf(settings, scored(), hasMerges);
    }

    /** The settings of the model. */
    public Map<String, @Nullable Object> settings() {
        return settings;
    }

    /** Normalizer, pre-tokenizer, post-processor and decoder. */
    public Map<String, @Nullable Object> sections() {
        return sections;
    }

    /** Whether the vocabulary is a list of tokens with scores. */
    public boolean scored() {
        return scores >= 0;
    }

    /** Characters of the longest token. */
    public int longestToken() {
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
    Integer firstIndex(String token, int after, boolean scoredZero) {
        try {
            JsonReader reader = scores();
            if (reader == null) {
                return null;
            }
            reader.beginList();
            for (int index = 0; reader.nextItem(); index++) {
                reader.beginList();
                reader.nextItem();
                boolean same = reader.text().equals(token) && index >= after;
                reader.nextItem();
                boolean zero = reader.number().doubleValue() == 0;
                if (same && (zero || !scoredZero)) {
                    return index;
                }
                reader.nextItem();
            }
            return null;
        } catch (IOException e) {
            throw new IllegalStateException("what was read once cannot fail to be read", e);
        }
    }

    /** Ids by token, without those that are added. */
    public Map<String, Integer> vocabulary() {
        return vocabulary;
    }

    public boolean mentionsByteLevel() {
        return new String(bytes, StandardCharsets.ISO_8859_1).contains("\"ByteLevel\"");
    }
}
