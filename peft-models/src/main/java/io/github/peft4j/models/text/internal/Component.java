package io.github.peft4j.models.text.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One component of a tokenizer as its file has it. Each field that is asked for is checked and goes into {@link #checked}; fields that nobody asks
 * for are left out, as the library ignores them.
 */
final class Component {

    private final boolean isObject;
    private final ObjectNode json;
    private final String where;
    private final Faults faults;
    private final ObjectNode checked = JsonNodeFactory.instance.objectNode();

    Component(JsonNode json, String where, Faults faults) {
        this.isObject = json instanceof ObjectNode;
        if (!isObject) {
            faults.add(where, "expected an object, found " + kind(json));
        }
        this.json = json instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
        this.where = where;
        this.faults = faults;
    }

    private static String kind(JsonNode json) {
        return json.getNodeType().toString().toLowerCase(java.util.Locale.ROOT);
    }

    String where() {
        return where;
    }

    ObjectNode checked() {
        return checked;
    }

    void fault(String what) {
        faults.add(where, what);
    }

    private void fault(String key, String what) {
        faults.add(where + "." + key, what);
    }

    Component under(String key) {
        return new Component(json.path(key), where + "." + key, faults);
    }

    private static boolean isAbsent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    boolean has(String key) {
        return !isAbsent(json.path(key));
    }

    /** The type; empty if there is none, which is a fault. */
    String type() {
        JsonNode type = json.path("type");
        if (!type.isTextual()) {
            if (isObject) {
                fault("has no type");
            }
            return "";
        }
        checked.put("type", type.textValue());
        return type.textValue();
    }

    /** Refuses a type that is not known. */
    void unknown(List<String> expected) {
        JsonNode type = json.path("type");
        if (type.isTextual()) {
            fault("the type " + Faults.quoted(type.textValue()) + " is not one of " + String.join(", ", expected));
        }
    }

    /** A text that must be there, of at most so many bytes of UTF-8. */
    String text(String key, int most) {
        JsonNode value = json.path(key);
        if (!value.isTextual()) {
            fault(key, "expected text, found " + kind(value));
            return "";
        }
        String text = value.textValue();
        check(key, text, most);
        checked.put(key, text);
        return text;
    }

    /** A text that may be missing or null. */
    Optional<String> textIfAny(String key, int most) {
        if (!has(key)) {
            checked.putNull(key);
            return Optional.empty();
        }
        return Optional.of(text(key, most));
    }

    private void check(String key, String text, int most) {
        if (!isUnicode(text)) {
            fault(key, "holds half of a surrogate pair");
        } else if (utf8Length(text) > most) {
            fault(key, "expected at most " + most + " bytes, found " + utf8Length(text));
        }
    }

    static boolean isUnicode(String text) {
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                return false;
            }
            at += Character.charCount(c);
        }
        return true;
    }

    static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** A single character. */
    String character(String key) {
        String text = text(key, 4);
        if (json.path(key).isTextual() && text.codePointCount(0, text.length()) != 1) {
            fault(key, "expected one character, found " + Faults.quoted(text));
        }
        return text;
    }

    boolean flag(String key) {
        JsonNode value = json.path(key);
        if (!value.isBoolean()) {
            fault(key, "expected true or false, found " + kind(value));
            return false;
        }
        checked.put(key, value.booleanValue());
        return value.booleanValue();
    }

    /** A switch that may be missing. */
    boolean flag(String key, boolean otherwise) {
        if (json.path(key).isMissingNode()) {
            checked.put(key, otherwise);
            return otherwise;
        }
        return flag(key);
    }

    /** A switch that may be missing or null, and then is left out. */
    Optional<Boolean> flagIfAny(String key) {
        return has(key) ? Optional.of(flag(key)) : Optional.empty();
    }

    long number(String key, long least, long most) {
        JsonNode value = json.path(key);
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < least
                || value.longValue() > most) {
            fault(key, "expected a whole number from " + least + " to " + most + ", found " + found(value));
            return least;
        }
        checked.put(key, value.longValue());
        return value.longValue();
    }

    private static String found(JsonNode value) {
        return value.isValueNode() ? Faults.quoted(value.asText()) : kind(value);
    }

    String oneOf(String key, List<String> values) {
        String text = text(key, 64);
        if (json.path(key).isTextual() && !values.contains(text)) {
            fault(key, "expected one of " + String.join(", ", values) + ", found " + Faults.quoted(text));
        }
        return text;
    }

    /** The items of a list that must be there. */
    JsonNode list(String key, int most) {
        JsonNode value = json.path(key);
        if (!value.isArray()) {
            fault(key, "expected a list, found " + kind(value));
        } else if (value.size() > most) {
            fault(key, "expected at most " + most + " items, found " + value.size());
            return JsonNodeFactory.instance.arrayNode();
        }
        return value.isArray() ? value : JsonNodeFactory.instance.arrayNode();
    }

    /** The components of a list that must be there. */
    List<Component> parts(String key, int most) {
        List<Component> parts = new ArrayList<>();
        for (JsonNode item : list(key, most)) {
            parts.add(new Component(item, where + "." + key + "[" + parts.size() + "]", faults));
        }
        return parts;
    }

    JsonNode raw(String key) {
        return json.path(key);
    }
}
