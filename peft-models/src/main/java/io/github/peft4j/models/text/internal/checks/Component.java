package io.github.peft4j.models.text.internal.checks;

import io.github.peft4j.models.internal.json.JsonKind;
import io.github.peft4j.models.internal.json.JsonValues;
import io.github.peft4j.models.internal.message.Printable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One component of a tokenizer as its file has it. Each field that is asked for is checked and goes into {@link #checked}; fields that nobody asks
 * for are left out, as the library ignores them.
 */
final class Component {

    private final boolean isObject;
    private final Map<String, @Nullable Object> json;
    private final String where;
    private final Faults faults;
    private final Map<String, @Nullable Object> checked = new LinkedHashMap<>();

    Component(@Nullable Object json, String where, Faults faults) {
        this.isObject = json instanceof Map;
        if (!isObject) {
            faults.add(where, "expected an object, found " + (json == null ? "nothing" : found(json)));
        }
        this.json = JsonValues.object(json);
        this.where = where;
        this.faults = faults;
    }

    private static String found(@Nullable Object value) {
        return value instanceof String text ? Printable.quoted(text) : JsonKind.described(value);
    }

    /** What stands under a key, for a message. */
    private String foundAt(String key) {
        return json.containsKey(key) ? found(json.get(key)) : "nothing";
    }

    String where() {
        return where;
    }

    Map<String, @Nullable Object> checked() {
        return checked;
    }

    /** A list under a key of {@link #checked}. */
    List<@Nullable Object> checkedList(String key) {
        List<@Nullable Object> list = new ArrayList<>();
        checked.put(key, list);
        return list;
    }

    void fault(String what) {
        faults.add(where, what);
    }

    private void fault(String key, String what) {
        faults.add(where + "." + key, what);
    }

    Component under(String key) {
        return new Component(json.get(key), where + "." + key, faults);
    }

    boolean has(String key) {
        return json.get(key) != null;
    }

    /** The type; empty if there is none, which is a fault. */
    String type() {
        if (json.get("type") instanceof String type) {
            checked.put("type", type);
            return type;
        } else if (isObject) {
            fault("has no type");
        }
        return "";
    }

    /** Refuses a type that is not known. */
    Cost unknown(List<String> expected) {
        if (json.get("type") instanceof String type) {
            fault("the type " + Printable.quoted(type) + " is not one of " + String.join(", ", expected));
        }
        return Cost.NONE;
    }

    /** A text that must be there, of at most so many bytes of UTF-8. */
    String text(String key, int most) {
        if (json.get(key) instanceof String text) {
            check(key, text, most);
            checked.put(key, text);
            return text;
        }
        fault(key, "expected text, found " + foundAt(key));
        return "";
    }

    /** A text that may be missing or null. */
    Optional<String> textIfAny(String key, int most) {
        if (!has(key)) {
            checked.put(key, null);
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
        if (json.get(key) instanceof String && text.codePointCount(0, text.length()) != 1) {
            fault(key, "expected one character, found " + Printable.quoted(text));
        }
        return text;
    }

    boolean flag(String key) {
        if (json.get(key) instanceof Boolean flag) {
            checked.put(key, flag);
            return flag;
        }
        fault(key, "expected true or false, found " + foundAt(key));
        return false;
    }

    /** A switch that may be missing. */
    boolean flag(String key, boolean otherwise) {
        if (!json.containsKey(key)) {
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
        if (json.get(key) instanceof Number number
                && (number instanceof Integer || number instanceof Long)
                && number.longValue() >= least
                && number.longValue() <= most) {
            checked.put(key, number.longValue());
            return number.longValue();
        }
        fault(key, "expected a whole number from " + least + " to " + most + ", found " + foundAt(key));
        return least;
    }

    String oneOf(String key, List<String> values) {
        String text = text(key, 64);
        if (json.get(key) instanceof String && !values.contains(text)) {
            fault(key, "expected one of " + String.join(", ", values) + ", found " + Printable.quoted(text));
        }
        return text;
    }

    /** The items of a list that must be there. */
    List<@Nullable Object> list(String key, int most) {
        List<@Nullable Object> list = JsonValues.list(json.get(key));
        if (!(json.get(key) instanceof List)) {
            fault(key, "expected a list, found " + foundAt(key));
        } else if (list.size() > most) {
            fault(key, "expected at most " + most + " items, found " + list.size());
            return List.of();
        }
        return list;
    }

    /** The components of a list that must be there. */
    List<Component> parts(String key, int most) {
        List<Component> parts = new ArrayList<>();
        for (Object item : list(key, most)) {
            parts.add(new Component(item, where + "." + key + "[" + parts.size() + "]", faults));
        }
        return parts;
    }

    @Nullable
    Object raw(String key) {
        return json.get(key);
    }
}
