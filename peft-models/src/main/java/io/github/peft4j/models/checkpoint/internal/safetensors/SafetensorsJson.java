package io.github.peft4j.models.checkpoint.internal.safetensors;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorTable;
import io.github.peft4j.models.internal.json.JsonException;
import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonReader;
import io.github.peft4j.models.internal.message.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of a safetensors header: tensors by name, and a string map.
 *
 * @param metadata the string map under {@code __metadata__}
 * @param entries the tensors in the order of the header
 */
record SafetensorsJson(Map<String, String> metadata, List<SafetensorsHeader.Entry> entries) {

    static final String METADATA = "__metadata__";

    /** In characters, together; what some trainers write has a million. */
    private static final int LONGEST_METADATA = 1 << 24;

    /** For each text. */
    private static final JsonLimits LIMITS = JsonLimits.ofBytes(LONGEST_METADATA);

    static SafetensorsJson parse(Path path, InputStream utf8) throws CheckpointException {
        try {
            return JsonReader.of(utf8, LIMITS).whole(SafetensorsJson::content);
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new CheckpointException(path + ": damaged safetensors header: " + e.getMessage(), e);
        }
    }

    private static SafetensorsJson content(JsonReader json) throws IOException {
        Map<String, String> metadata = Map.of();
        List<SafetensorsHeader.Entry> entries = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        json.beginObject();
        for (@Nullable String name; (name = nextKey(json, seen, "the header")) != null; ) {
            if (name.equals(METADATA)) {
                metadata = metadata(json);
            } else {
                entries.add(entry(json, name));
            }
        }
        return new SafetensorsJson(metadata, entries);
    }

    /** The library refuses what stands twice, unlike Python's JSON. */
    private static @Nullable String nextKey(JsonReader json, Set<String> seen, String what) throws IOException {
        @Nullable String key = json.nextKey();
        if (seen.size() == TensorTable.MOST_TENSORS && key != null) {
            throw json.problem(what + " has more than " + TensorTable.MOST_TENSORS + " keys");
        }
        if (key != null && !seen.add(key)) {
            throw json.problem(what + ": the key " + Printable.quoted(key) + " stands twice");
        }
        return key;
    }

    private static String text(JsonReader json, String what) throws IOException {
        json.expect(JsonKind.TEXT, what);
        return json.text();
    }

    private static List<Long> integers(JsonReader json, String what, int limit) throws IOException {
        List<Long> values = new ArrayList<>(4);
        json.expect(JsonKind.LIST, what);
        json.beginList();
        while (json.nextItem()) {
            if (values.size() == limit) {
                throw json.problem(what + ": expected at most " + limit + " numbers");
            }
            json.expect(JsonKind.NUMBER, what);
            Number number = json.number();
            if (!(number instanceof Integer || number instanceof Long)) {
                throw json.problem(what + ": expected whole numbers of 64 bits, found " + JsonKind.described(number));
            }
            values.add(number.longValue());
        }
        return values;
    }

    private static Map<String, String> metadata(JsonReader json) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        long characters = 0;
        json.expect(JsonKind.OBJECT, METADATA);
        json.beginObject();
        for (@Nullable String key; (key = nextKey(json, seen, METADATA)) != null; ) {
            String value = text(json, METADATA + "." + Printable.excerpt(key));
            metadata.put(key, value);
            characters += key.length() + (long) value.length();
            if (characters > LONGEST_METADATA) {
                throw json.problem(
                        "expected at most " + LONGEST_METADATA + " characters of " + METADATA + ", found more");
            }
        }
        return Collections.unmodifiableMap(metadata);
    }

    private static SafetensorsHeader.Entry entry(JsonReader json, String name) throws IOException {
        String what = "tensor " + Printable.quoted(name);
        @Nullable String type = null;
        @Nullable List<Long> shape = null;
        @Nullable List<Long> offsets = null;
        Set<String> seen = new HashSet<>();
        json.expect(JsonKind.OBJECT, what);
        json.beginObject();
        for (@Nullable String key; (key = nextKey(json, seen, what)) != null; ) {
            switch (key) {
                case "dtype" -> type = text(json, what + ": dtype");
                case "shape" -> shape = integers(json, what + ": shape", TensorInfo.MAX_DIMENSIONS);
                case "data_offsets" -> offsets = integers(json, what + ": data_offsets", 2);
                // The library ignores keys it does not know, too.
                default -> json.skip();
            }
        }
        if (type == null || shape == null || offsets == null || offsets.size() != 2) {
            throw json.problem(what + ": expected a dtype, a shape and two data_offsets");
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (begin < 0 || end < begin) {
            throw json.problem(what + ": data_offsets [" + begin + ", " + end + "] are not a range");
        }
        return new SafetensorsHeader.Entry(name, type, info(json, name, type, shape, end - begin), begin, end);
    }

    private static @Nullable TensorInfo info(JsonReader json, String name, String type, List<Long> shape, long bytes)
            throws JsonException {
        @Nullable StoredType known = StoredType.named(type).orElse(null);
        if (known == null) {
            return null;
        }
        TensorInfo info;
        try {
            info = new TensorInfo(name, known, shape);
        } catch (IllegalArgumentException e) {
            throw json.problem("tensor " + Printable.quoted(name) + ": " + e.getMessage());
        }
        if (info.byteSize() != bytes) {
            throw json.problem("tensor " + Printable.quoted(name) + ": " + type + " of shape " + shape + " takes "
                    + info.byteSize() + " bytes, its data_offsets give it " + bytes);
        }
        return info;
    }
}
