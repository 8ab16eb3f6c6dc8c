package io.github.peft4j.models;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A checkpoint's {@code config.json}, read by key with the checks that each value needs. */
public final class ConfigJson {

    /** Far above any real config. */
    private static final long LARGEST = 16L << 20;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final JsonNode node;
    private final String source;

    private ConfigJson(JsonNode node, String source) {
        this.node = node;
        this.source = source;
    }

    /**
     * Reads {@code config.json} of a checkpoint folder.
     *
     * @throws CheckpointException if there is none or it is no JSON object
     */
    public static ConfigJson read(Path folder) throws CheckpointException {
        ConfigJson config = readIfPresent(folder, "config.json");
        if (config == null) {
            throw new CheckpointException("no config.json in " + folder
                    + ": expected a checkpoint folder as Hugging Face's save_pretrained writes it");
        }
        return config;
    }

    /**
     * Reads a JSON file of a checkpoint folder, or returns null if there is none of this name.
     *
     * @throws CheckpointException if it is no JSON object
     */
    public static @Nullable ConfigJson readIfPresent(Path folder, String name) throws CheckpointException {
        Path file = folder.resolve(name);
        try {
            if (Files.size(file) > LARGEST) {
                throw new CheckpointException(file + " is larger than " + LARGEST + " bytes: this is no model config");
            }
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            return null;
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** A config from text. */
    public static ConfigJson parse(String text, String source) throws CheckpointException {
        try {
            JsonNode node = JSON.readTree(text);
            if (!(node instanceof ObjectNode)) {
                throw new CheckpointException(source + " holds no JSON object");
            }
            return new ConfigJson(node, source);
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    source + " is no valid JSON: " + e.getOriginalMessage() + " at line "
                            + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr(),
                    e);
        }
    }

    /** Where it was read from, for messages. */
    public String source() {
        return source;
    }

    private @Nullable String present(String... keys) {
        for (String key : keys) {
            JsonNode value = node.get(key);
            if (value != null && !value.isNull()) {
                return key;
            }
        }
        return null;
    }

    private JsonNode value(String key) {
        return Objects.requireNonNull(node.get(key));
    }

    private IllegalArgumentException bad(String key, String expected) {
        return new IllegalArgumentException(source + ": " + key + " must be " + expected + ", got " + node.get(key));
    }

    private String required(String... keys) {
        String key = present(keys);
        if (key == null) {
            throw new IllegalArgumentException(source + " lacks " + String.join(" or ", keys));
        }
        return key;
    }

    /** Whether a key is there and not null. */
    public boolean has(String key) {
        return present(key) != null;
    }

    /** Whether a key is there and null, which in some configs means something else than its absence. */
    public boolean isNull(String key) {
        JsonNode value = node.get(key);
        return value != null && value.isNull();
    }

    /**
     * Refuses a config that names something which is not implemented.
     *
     * @param key a key whose presence means that
     * @throws IllegalArgumentException if the key is there, not null and not false
     */
    public void refuse(String key) {
        if (has(key) && !(value(key).isBoolean() && !value(key).booleanValue())) {
            throw new IllegalArgumentException(source + ": " + key + " is not implemented, got " + value(key)
                    + "; only checkpoints without it load");
        }
    }

    private int whole(String key, int least, String expected) {
        JsonNode value = value(key);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < least) {
            throw bad(key, expected);
        }
        return value.intValue();
    }

    /**
     * A positive whole number under the first of these keys that is there.
     *
     * @throws IllegalArgumentException if none is there, or its value is something else
     */
    public int integer(String... keys) {
        return whole(required(keys), 1, "a positive whole number");
    }

    /** A positive whole number, or a default. */
    public int integerOr(int otherwise, String... keys) {
        return present(keys) == null ? otherwise : integer(keys);
    }

    /** A whole number that may be 0, or a default. */
    public int countOr(int otherwise, String key) {
        return has(key) ? whole(key, 0, "a whole number of at least 0") : otherwise;
    }

    /** A whole number of either sign, or null where there is none. */
    public @Nullable Integer numberOrNull(String key) {
        return has(key) ? whole(key, Integer.MIN_VALUE, "a whole number") : null;
    }

    /**
     * A number above 0.
     *
     * @throws IllegalArgumentException if none is there, or its value is something else
     */
    public double positive(String... keys) {
        String key = required(keys);
        JsonNode value = value(key);
        if (!value.isNumber() || !(value.doubleValue() > 0) || Double.isInfinite(value.doubleValue())) {
            throw bad(key, "a number above 0");
        }
        return value.doubleValue();
    }

    /** A number above 0, or a default. */
    public double positiveOr(double otherwise, String... keys) {
        return present(keys) == null ? otherwise : positive(keys);
    }

    /** A truth value, or a default. */
    public boolean flagOr(boolean otherwise, String key) {
        if (!has(key)) {
            return otherwise;
        }
        if (!value(key).isBoolean()) {
            throw bad(key, "true or false");
        }
        return value(key).booleanValue();
    }

    /** Text, or null. */
    public @Nullable String textOrNull(String... keys) {
        String key = present(keys);
        if (key == null) {
            return null;
        }
        if (!value(key).isTextual()) {
            throw bad(key, "text");
        }
        return value(key).textValue();
    }

    /** Text, or a default. */
    public String textOr(String otherwise, String... keys) {
        String text = textOrNull(keys);
        return text == null ? otherwise : text;
    }

    /** A list of texts; empty if the key is not there. */
    public List<String> texts(String key) {
        if (!has(key)) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : value(key)) {
            if (element.isTextual()) {
                texts.add(element.textValue());
            }
        }
        if (!value(key).isArray() || texts.size() < value(key).size()) {
            throw bad(key, "a list of texts");
        }
        return texts;
    }

    /** A nested object, or null. */
    public @Nullable ConfigJson object(String key) {
        if (!has(key)) {
            return null;
        }
        if (!value(key).isObject()) {
            throw bad(key, "an object");
        }
        return new ConfigJson(value(key), source + ": " + key);
    }

    /** Whole numbers, one or a list of them; empty if the key is not there. */
    public List<Integer> integers(String key) {
        if (!has(key)) {
            return List.of();
        }
        List<Integer> numbers = new ArrayList<>();
        for (JsonNode element : value(key).isArray() ? value(key) : List.of(value(key))) {
            if (!element.isIntegralNumber() || !element.canConvertToInt()) {
                throw bad(key, "a whole number or a list of them");
            }
            numbers.add(element.intValue());
        }
        return numbers;
    }

    /** The names of all keys in their order. */
    public List<String> keys() {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    /** The value of a key as JSON text; {@code null} if it is not there. */
    public String json(String key) {
        return String.valueOf(node.get(key));
    }

    /** Whether there is nothing in it. */
    public boolean isEmpty() {
        return node.isEmpty();
    }
}
