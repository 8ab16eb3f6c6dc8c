package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.run.Budget;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's lengths and iteration, and what may be a key. */
public final class Elements {

    private Elements() {}

    /** Whether a value may be a key of a map. */
    public static boolean isKey(Object value) {
        return value instanceof String || Numbers.isNumber(value) || value == None.NONE;
    }

    /** Whether a value that is looked for may be a key: no, if it is a tuple; a list or dict cannot even be looked for. */
    public static boolean key(Object value) {
        if (value instanceof List || value instanceof Map) {
            throw Types.wrong("looking for a key", value);
        }
        return isKey(value);
    }

    /** The elements of a list or tuple, else null. */
    @SuppressWarnings("unchecked")
    public static @Nullable List<Object> list(Object value) {
        return value instanceof Tuple tuple
                ? tuple.items()
                : value instanceof List<?> list ? (List<Object>) list : null;
    }

    public static List<Object> characters(Budget budget, String text) {
        budget.spendElements(2L * text.length());
        List<Object> characters = new ArrayList<>(text.length());
        text.codePoints().forEach(c -> characters.add(Character.toString(c)));
        return characters;
    }

    /** Python's {@code len}. */
    public static long length(Budget budget, Object value) {
        List<?> items = list(value);
        if (items != null) {
            return items.size();
        } else if (value instanceof String text) {
            budget.spend(text.length());
            return text.codePointCount(0, text.length());
        } else if (value instanceof Map<?, ?> map) {
            return map.size();
        } else if (value instanceof DictView view) {
            return view.items().size();
        } else if (value instanceof Undefined) {
            return 0;
        } else if (value instanceof Loop loop) {
            return loop.size();
        }
        throw Types.wrong("a length", value);
    }

    /** Python's {@code iter}. Walking through it is paid for by whoever walks. */
    @SuppressWarnings("unchecked")
    public static Iterator<Object> iterate(Budget budget, Object value) {
        List<Object> items = list(value);
        if (items != null) {
            return items.iterator();
        } else if (value instanceof String text) {
            return characters(budget, text).iterator();
        } else if (value instanceof Map<?, ?> map) {
            return (Iterator<Object>) map.keySet().iterator();
        } else if (value instanceof DictView view) {
            return view.items().iterator();
        } else if (value instanceof OneShot once) {
            return once.items();
        } else if (value instanceof Undefined) {
            return List.<Object>of().iterator();
        }
        throw Types.wrong("iteration", value);
    }

    /** Everything that can be iterated over, as a list. */
    public static List<Object> all(Budget budget, Object value) {
        List<Object> all = new ArrayList<>();
        Iterator<Object> items = iterate(budget, value);
        while (items.hasNext()) {
            budget.spendElements(1);
            all.add(items.next());
        }
        return all;
    }
}
