package io.github.peft4j.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.peft4j.training.data.RowException.Problem;

/** Values of a row, checked. */
final class RowFields {

    private RowFields() {}

    /** How a message names a value. */
    static String described(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case STRING -> "text";
            case NUMBER -> "the number " + node.asText();
            case BOOLEAN -> node.asText();
            case NULL -> "null";
            default -> "nothing";
        };
    }

    private static RowException expected(String key, String what, JsonNode value) {
        return new RowException(Problem.NOT_AN_EXAMPLE, key + " must be " + what + ", got " + described(value));
    }

    /** A text that must be there. */
    static String text(ObjectNode row, String key) throws RowException {
        JsonNode value = row.path(key);
        if (!value.isTextual()) {
            throw expected(key, "text", value);
        }
        return value.textValue();
    }

    /** A text that may be missing or null, which counts as empty. */
    static String textOrEmpty(ObjectNode row, String key) throws RowException {
        return row.hasNonNull(key) ? text(row, key) : "";
    }

    /** A list of whole numbers. */
    static int[] integers(ObjectNode row, String key) throws RowException {
        JsonNode list = row.path(key);
        if (!list.isArray()) {
            throw expected(key, "a list of whole numbers", list);
        }
        int[] numbers = new int[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            JsonNode number = list.get(i);
            if (!number.isIntegralNumber() || !number.canConvertToInt()) {
                throw expected(key + "[" + i + "]", "a whole number of 32 bits", number);
            }
            numbers[i] = number.intValue();
        }
        return numbers;
    }
}
