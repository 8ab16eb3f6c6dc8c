package io.github.peft4j.models.internal.json;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds values of JSON: null, {@code Boolean}, {@code Integer}, {@code Long}, {@code BigInteger}, {@code Double}, {@code String}, {@code List}
 * and {@code Map} in the order of the text.
 */
public final class JsonTree {

    private final JsonReader reader;
    private final JsonLimits limits;
    private final long start;
    private int parts;

    private JsonTree(JsonReader reader) throws IOException {
        reader.peek();
        this.reader = reader;
        this.limits = reader.limits();
        this.start = reader.offset();
    }

    /**
     * The value that comes next.
     *
     * @throws JsonException if it is no value, or beyond the reader's limits
     */
    public static @Nullable Object next(JsonReader reader) throws IOException {
        return new JsonTree(reader).value();
    }

    /**
     * The object that comes next.
     *
     * @throws JsonException if it is none, or beyond the reader's limits
     */
    public static Map<String, @Nullable Object> nextObject(JsonReader reader) throws IOException {
        if (reader.atEnd()) {
            throw reader.unexpected("an object");
        }
        reader.expect(JsonKind.OBJECT);
        return new JsonTree(reader).object();
    }

    /**
     * The one value that a text in UTF-8 is.
     *
     * @throws JsonException if it is none, or beyond the limits
     */
    public static @Nullable Object parse(byte[] utf8, JsonLimits limits) throws JsonException {
        try {
            JsonReader reader = JsonReader.of(utf8, limits);
            Object value = next(reader);
            reader.end();
            return value;
        } catch (JsonException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot fail to be read", e);
        }
    }

    private @Nullable Object value() throws IOException {
        JsonKind kind = reader.peek();
        if (reader.offset() - start > limits.bytes()) {
            throw reader.problem("a value is longer than " + limits.bytes() + " bytes");
        }
        return switch (kind) {
            case OBJECT -> object();
            case LIST -> list();
            case TEXT -> {
                count();
                yield reader.text();
            }
            case NUMBER -> reader.number();
            case FLAG -> reader.flag();
            case NULL -> {
                reader.nothing();
                yield null;
            }
        };
    }

    private void count() throws JsonException {
        if (++parts > limits.parts()) {
            throw reader.problem("a value holds more than " + limits.parts() + " keys, texts, lists and objects");
        }
    }

    private Map<String, @Nullable Object> object() throws IOException {
        count();
        reader.beginObject();
        // Most objects are small: a full-sized table would be most of what they take.
        Map<String, @Nullable Object> object = new LinkedHashMap<>(2);
        for (String key; (key = reader.nextKey()) != null; ) {
            count();
            object.put(key, value());
        }
        return object;
    }

    private List<@Nullable Object> list() throws IOException {
        count();
        reader.beginList();
        List<@Nullable Object> list = new ArrayList<>(0);
        while (reader.nextItem()) {
            list.add(value());
        }
        return list;
    }
}
