package io.github.peft4j.core.config.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.internal.json.JsonLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a user types for a setting: {@code 16}, {@code true}, {@code q_proj,v_proj}, {@code null}, or JSON.
 *
 * @param text without the blanks around it
 */
public record SettingText(String text) {

    private static final JsonLimits LIMITS = JsonLimits.ofBytes(1 << 20);

    private static final Pattern NUMBER = Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

    private static final Pattern INTEGER = Pattern.compile("[-+]?\\d+");

    /** Strips the text. */
    public SettingText {
        text = text.strip();
    }

    boolean isNull() {
        return text.equals("null") || text.equals("None");
    }

    /** A number, whole if it is written without point and exponent; null if it is none. */
    static @Nullable Number number(String text) {
        if (INTEGER.matcher(text).matches()) {
            long whole = Long.parseLong(text);
            return (int) whole == whole ? (Number) (int) whole : (Number) whole;
        }
        double value = NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
        return Double.isFinite(value) ? value : null;
    }

    @Nullable
    Boolean flag() {
        return switch (text) {
            case "true", "True" -> Boolean.TRUE;
            case "false", "False" -> Boolean.FALSE;
            default -> null;
        };
    }

    /** Parts between commas, without brackets around all and quotation marks around each. */
    public static List<String> list(String text) {
        List<String> parts = new ArrayList<>();
        for (String part : inside(text, '[', ']').split(",", -1)) {
            String name = part.strip();
            if (name.length() > 1 && "'\"".indexOf(name.charAt(0)) >= 0) {
                name = inside(name, name.charAt(0), name.charAt(0));
            }
            if (!name.isEmpty()) {
                parts.add(name);
            }
        }
        return parts;
    }

    /** The text between two brackets, if it stands between such. */
    public static String inside(String text, char open, char close) {
        String stripped = text.strip();
        boolean enclosed =
                stripped.length() > 1 && stripped.charAt(0) == open && stripped.charAt(stripped.length() - 1) == close;
        return enclosed ? stripped.substring(1, stripped.length() - 1) : stripped;
    }

    /** A JSON object, or {@code name:value,name:value}; null if it is neither. */
    @Nullable
    Map<String, @Nullable Object> map() {
        if (text.startsWith("{")) {
            try {
                return InputFile.json(text.getBytes(StandardCharsets.UTF_8), "the setting", LIMITS);
            } catch (CheckpointException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }
        Map<String, @Nullable Object> pairs = new LinkedHashMap<>();
        for (String pair : list(text)) {
            int colon = pair.lastIndexOf(':');
            if (colon < 1) {
                return null;
            }
            String value = pair.substring(colon + 1).strip();
            @Nullable Number number = number(value);
            pairs.put(pair.substring(0, colon).strip(), number == null ? value : number);
        }
        return pairs;
    }
}
