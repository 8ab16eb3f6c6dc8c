package io.github.peft4j.models;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A checkpoint's {@code config.json}, read by key with the checks that each value needs. */
public final class ConfigJson {

    /** Far above any real config. */
    private static final long LARGEST = 16L << 20;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
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
        Path file = folder.resolve("config.json");
        try {
            if (Files.size(file) > LARGEST) {
                throw new CheckpointException(file + " is larger than " + LARGEST + " bytes: this is no model config");
            }
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new CheckpointException("no config.json in " + folder
                    + ": expected a checkpoint folder as Hugging Face's save_pretrained writes it");
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

    private @Nullable JsonNode find(String... keys) {
        for (String key : keys) {
            JsonNode value = node.get(key);
            if (value != null && !value.isNull()) {
                return value;
            }
        }
        return null;
    }

    private IllegalArgumentException bad(String key, String expected, JsonNode found) {
        return new IllegalArgumentException(source + ": " + key + " must be " + expected + ", got " + found);
    }

    /** Whether a key is there and not null. */
    public boolean has(String key) {
        return find(key) != null;
    }

    /** A positive whole number under the first of these keys that is there. */
    public int integer(String... keys) {
        JsonNode value = find(keys);
        if (value == null) {
            throw new IllegalArgumentException(source + " lacks " + String.join(" or ", Arrays.asList(keys)));
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
            throw bad(keys[0], "a positive whole number", value);
        }
        return value.intValue();
    }

    /** A positive whole number, or a default. */
    public int integerOr(int otherwise, String... keys) {
        return find(keys) == null ? otherwise : integer(keys);
    }

    /** A number, or a default. */
    public double numberOr(double otherwise, String... keys) {
        JsonNode value = find(keys);
        if (value == null) {
            return otherwise;
        }
        if (!value.isNumber()) {
            throw bad(keys[0], "a number", value);
        }
        return value.doubleValue();
    }

    /** A truth value, or a default. */
    public boolean flagOr(boolean otherwise, String key) {
        JsonNode value = find(key);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            throw bad(key, "true or false", value);
        }
        return value.booleanValue();
    }

    /** Text, or null. */
    public @Nullable String textOrNull(String... keys) {
        JsonNode value = find(keys);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw bad(keys[0], "text", value);
        }
        return value.textValue();
    }

    /** Text, or a default. */
    public String textOr(String otherwise, String... keys) {
        String text = textOrNull(keys);
        return text == null ? otherwise : text;
    }

    /** The first text of a list, or null. */
    public @Nullable String firstText(String key) {
        JsonNode value = find(key);
        return value != null && value.isArray() && value.size() > 0
                ? value.get(0).asText()
                : null;
    }

    /** A nested object, or null. */
    public @Nullable ConfigJson object(String... keys) {
        JsonNode value = find(keys);
        if (value == null) {
            return null;
        }
        if (!value.isObject()) {
            throw bad(keys[0], "an object", value);
        }
        return new ConfigJson(value, source + " " + keys[0]);
    }
}
