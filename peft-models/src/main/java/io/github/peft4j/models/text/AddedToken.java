package io.github.peft4j.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

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
    static AddedToken special(String content) {
        return new AddedToken(content, false, false, false, false, true);
    }

    /** A token as JSON: a text, or an object with Hugging Face's keys. */
    static AddedToken of(JsonNode json) {
        if (json.isTextual()) {
            return special(json.textValue());
        }
        boolean special = json.path("special").asBoolean(false);
        return new AddedToken(
                json.path("content").asText(""),
                json.path("single_word").asBoolean(false),
                json.path("lstrip").asBoolean(false),
                json.path("rstrip").asBoolean(false),
                json.path("normalized").asBoolean(!special),
                special);
    }

    AddedToken asSpecial() {
        return new AddedToken(content, singleWord, leftStrip, rightStrip, normalized, true);
    }

    /** As {@code tokenizer.json} lists it. */
    ObjectNode json(int id) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("content", content)
                .put("single_word", singleWord)
                .put("lstrip", leftStrip)
                .put("rstrip", rightStrip)
                .put("normalized", normalized)
                .put("special", special);
    }
}
