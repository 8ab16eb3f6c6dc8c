package io.github.peft4j.training.data.content.internal;

import io.github.peft4j.models.internal.json.JsonWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Numbers where a text is expected, as text: as Python writes them. */
public final class TextNumbers {

    private static final Set<String> TEXTS =
            Set.of("text", "text_pair", "prompt", "completion", "instruction", "input", "output", "anchor", "positive");

    private static final String NEGATIVE = "negative";
    private static final String TOKENS = "tokens";
    private static final String MESSAGES = "messages";

    private TextNumbers() {}

    /** The values of a row with them. */
    public static Map<String, @Nullable Object> in(Map<String, @Nullable Object> row) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>(row);
        fields.replaceAll((key, value) -> {
            if (TEXTS.contains(key) || key.startsWith(NEGATIVE)) {
                return text(value);
            }
            if (value instanceof List<?> list) {
                return key.equals(TOKENS) ? texts(list) : key.equals(MESSAGES) ? messages(list) : value;
            }
            return value;
        });
        return fields;
    }

    private static @Nullable Object text(@Nullable Object value) {
        if (value instanceof List<?> list) {
            // Where all are numbers they are token ids.
            return list.stream().allMatch(Number.class::isInstance) ? list : texts(list);
        }
        return value instanceof Number ? JsonWriter.PYTHON.write(value) : value;
    }

    private static List<?> texts(List<?> list) {
        return list.stream().map(TextNumbers::text).toList();
    }

    private static List<?> messages(List<?> list) {
        return list.stream().map(TextNumbers::message).toList();
    }

    private static @Nullable Object message(@Nullable Object item) {
        if (item instanceof Map<?, ?> message && message.get("content") instanceof Number number) {
            Map<Object, @Nullable Object> changed = new LinkedHashMap<>(message);
            changed.put("content", JsonWriter.PYTHON.write(number));
            return changed;
        }
        return item;
    }
}
