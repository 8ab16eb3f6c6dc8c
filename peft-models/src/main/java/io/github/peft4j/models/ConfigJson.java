package io.github.peft4j.models;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A checkpoint's {@code config.json}, read by key with the checks that each value needs. */
public final class ConfigJson {

    /** Far above any real config. */
    public static final JsonLimits LIMITS = JsonLimits.ofBytes(16 << 20);

    private final Map<String, @Nullable Object> values;
    private final String source;
    private final Set<String> conflicts = new LinkedHashSet<>();

    private ConfigJson(Map<String, @Nullable Object> values, String source) {
        this.values = values;
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
        Path file = UntrustedFolder.file(folder, name);
        Map<String, @Nullable Object> values = InputFile.jsonIfPresent(file, LIMITS);
        return values == null ? null : new ConfigJson(values, file.toString());
    }

    /** A config from text. */
    public static ConfigJson parse(String text, String source) throws CheckpointException {
        return new ConfigJson(InputFile.json(text.getBytes(StandardCharsets.UTF_8), source, LIMITS), source);
    }

    /** A config that says nothing. */
    public static ConfigJson empty() {
        return new ConfigJson(Map.of(), "");
    }

    /** The same with other values under some keys. */
    public ConfigJson with(Map<String, Object> changes) {
        if (changes.isEmpty()) {
            return this;
        }
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(values);
        changed.putAll(changes);
        return new ConfigJson(changed, source);
    }

    /** Where it was read from, for messages. */
    public String source() {
        return source;
    }

    /**
     * Settings with two names that were read so far and of which the names say different things, for messages; {@code first = 1 and
     * second = 2}. The first counts.
     */
    public List<String> conflicts() {
        return List.copyOf(conflicts);
    }

    /** What to know of settings with two names that disagree; nothing if there are none. */
    public String toldConflicts() {
        return conflicts.isEmpty()
                ? ""
                : " says " + String.join(", ", conflicts)
                        + " for one setting, of which the first counts, as in transformers";
    }

    /** What is wrong with this config, as the refusal of its checkpoint. */
    public CheckpointException refused(IllegalArgumentException cause) {
        String message = String.valueOf(cause.getMessage());
        return new CheckpointException(
                (message.startsWith(source) ? message : source + ": " + message)
                        + (conflicts.isEmpty() ? "" : "; it" + toldConflicts()),
                cause);
    }

    /** {@link #texts} with what is wrong as the refusal of the checkpoint. */
    public List<String> textsOf(String key) throws CheckpointException {
        try {
            return texts(key);
        } catch (IllegalArgumentException e) {
            throw refused(e);
        }
    }

    /** The first of a setting's names that is there; one behind it that says something else is noted. */
    private @Nullable String present(String... keys) {
        @Nullable String first = null;
        for (String key : keys) {
            Object value = values.get(key);
            if (value == null) {
                continue;
            }
            if (first == null) {
                first = key;
            } else if (!value.equals(values.get(first))) {
                conflicts.add(first + " = " + json(first) + " and " + key + " = " + json(key));
            }
        }
        return first;
    }

    private IllegalArgumentException bad(String key, String expected) {
        return new IllegalArgumentException(source + ": " + key + " must be " + expected + ", got " + json(key));
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
        return values.containsKey(key) && values.get(key) == null;
    }

    /**
     * Refuses a config that names something which is not implemented.
     *
     * @param key a key whose presence means that
     * @throws IllegalArgumentException if the key is there, not null and not false
     */
    public void refuse(String key) {
        if (has(key) && !Boolean.FALSE.equals(values.get(key))) {
            throw new IllegalArgumentException(source + ": " + key + " is not implemented, got " + json(key)
                    + "; only checkpoints without it load");
        }
    }

    private int whole(String key, int least, String expected) {
        if (values.get(key) instanceof Integer number && number >= least) {
            return number;
        }
        throw bad(key, expected);
    }

    /** Whether there is a number under a key that is larger than a bound. */
    public boolean exceeds(String key, int bound) {
        return values.get(key) instanceof Number number && number.doubleValue() > bound;
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
        double value = values.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
        if (!(value > 0) || Double.isInfinite(value)) {
            throw bad(key, "a number above 0");
        }
        return value;
    }

    /** Whether the value of a key is a number. */
    public boolean isNumber(String key) {
        return values.get(key) instanceof Number;
    }

    /** A number of any kind, or a default. */
    public double decimalOr(double otherwise, String key) {
        if (!has(key)) {
            return otherwise;
        }
        if (values.get(key) instanceof Number number) {
            return number.doubleValue();
        }
        throw bad(key, "a number");
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
        if (values.get(key) instanceof Boolean flag) {
            return flag;
        }
        throw bad(key, "true or false");
    }

    /** Text, or null. */
    public @Nullable String textOrNull(String... keys) {
        String key = present(keys);
        if (key == null) {
            return null;
        }
        if (values.get(key) instanceof String text) {
            return text;
        }
        throw bad(key, "text");
    }

    /** Text, or a default. */
    public String textOr(String otherwise, String... keys) {
        String text = textOrNull(keys);
        return text == null ? otherwise : text;
    }

    /** The format that the checkpoint names, for example {@code bfloat16}, or null. */
    public @Nullable String dtype() {
        return textOrNull("dtype", "torch_dtype");
    }

    /** A list of texts; empty if the key is not there. */
    public List<String> texts(String key) {
        if (!has(key)) {
            return List.of();
        }
        List<String> texts = new ArrayList<>();
        for (Object element : values.get(key) instanceof List<?> list ? list : Collections.singletonList(null)) {
            if (!(element instanceof String text)) {
                throw bad(key, "a list of texts");
            }
            texts.add(text);
        }
        return texts;
    }

    /** A nested object, or null. */
    public @Nullable ConfigJson object(String key) {
        if (!has(key)) {
            return null;
        }
        if (values.get(key) instanceof Map<?, ?> object) {
            Map<String, @Nullable Object> nested = new LinkedHashMap<>();
            object.forEach((name, value) -> nested.put(String.valueOf(name), value));
            return new ConfigJson(nested, source + ": " + key);
        }
        throw bad(key, "an object");
    }

    /** Whole numbers, one or a list of them; empty if the key is not there. */
    public List<Integer> integers(String key) {
        if (!has(key)) {
            return List.of();
        }
        List<Integer> numbers = new ArrayList<>();
        for (Object element :
                values.get(key) instanceof List<?> list ? list : Collections.singletonList(values.get(key))) {
            if (!(element instanceof Integer number)) {
                throw bad(key, "a whole number or a list of them");
            }
            numbers.add(number);
        }
        return numbers;
    }

    /**
     * A list of numbers above 0.
     *
     * @throws IllegalArgumentException if it is not there, or holds something else
     */
    public List<Double> positives(String key) {
        List<Double> numbers = new ArrayList<>();
        for (Object element :
                values.get(required(key)) instanceof List<?> list ? list : Collections.singletonList(null)) {
            if (!(element instanceof Number number) || !(number.doubleValue() > 0)) {
                throw bad(key, "a list of numbers above 0");
            }
            numbers.add(number.doubleValue());
        }
        return numbers;
    }

    /** The names of all keys in their order. */
    public List<String> keys() {
        return List.copyOf(values.keySet());
    }

    /** The value of a key as JSON text, of which only the beginning if it is long; {@code null} if it is not there. */
    public String json(String key) {
        return JsonWriter.shown(values.get(key));
    }

    /** Whether there is nothing in it. */
    public boolean isEmpty() {
        return values.isEmpty();
    }
}
