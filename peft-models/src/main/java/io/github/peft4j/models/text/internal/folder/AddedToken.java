package io.github.peft4j.models.text.internal.folder;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A token that is found in a text before anything else is done to it, as {@code tokenizer.json} lists them.
 *
 * @param content the text that it stands for
 * @param singleWord whether it is found only as a whole word
 * @param leftStrip whether it takes whitespace before it along
 * @param rightStrip whether it takes whitespace after it along
 * @param normalized whether it is looked for after normalization
 * @param special whether decoding may leave it out
 */
public record AddedToken(
        String content,
        boolean singleWord,
        boolean leftStrip,
        boolean rightStrip,
        boolean normalized,
        boolean special) {

    /** A special token of which only the text is known. */
    public static AddedToken special(String content) {
        return new AddedToken(content, false, false, false, false, true);
    }

    /** A token from JSON: a text, or an object with Hugging Face's keys. */
    static AddedToken of(@Nullable Object json) {
        if (json instanceof String text) {
            return special(text);
        }
        Map<?, ?> fields = json instanceof Map<?, ?> map ? map : Map.of();
        boolean special = flag(fields, "special", false);
        return new AddedToken(
                fields.get("content") instanceof String content ? content : "",
                flag(fields, "single_word", false),
                flag(fields, "lstrip", false),
                flag(fields, "rstrip", false),
                flag(fields, "normalized", !special),
                special);
    }

    private static boolean flag(Map<?, ?> fields, String key, boolean otherwise) {
        return fields.get(key) instanceof Boolean flag ? flag : otherwise;
    }

    AddedToken asSpecial() {
        return new AddedToken(content, singleWord, leftStrip, rightStrip, normalized, true);
    }

    /** As {@code tokenizer.json} lists it. */
    Map<String, Object> json(int id) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", id);
        json.put("content", content);
        json.put("single_word", singleWord);
        json.put("lstrip", leftStrip);
        json.put("rstrip", rightStrip);
        json.put("normalized", normalized);
        json.put("special", special);
        return json;
    }
}
