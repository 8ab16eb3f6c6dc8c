package io.github.peft4j.models.text.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's elements, slices, lengths and iteration. */
final class Access {

    private Access() {}

    /** Whether a value may be a key of a map. */
    static boolean isKey(Object value) {
        return value instanceof String || Numbers.isNumber(value) || value == None.NONE;
    }

    /** Whether a value that is looked for may be a key: no, if it is a tuple; a list or dict cannot even be looked for. */
    static boolean key(Object value) {
        if (value instanceof List || value instanceof Map) {
            throw Types.wrong("looking for a key", value);
        }
        return isKey(value);
    }

    /** {@code owner.name}: a method, or else an element. */
    static Object attribute(Object owner, String name) {
        if (owner instanceof Undefined undefined) {
            throw undefined.used();
        } else if (owner instanceof Namespace namespace) {
            return namespace.get(name);
        } else if (owner instanceof Loop loop) {
            return loop.attribute(name);
        }
        Object found = method(owner, name);
        if (found == null && owner instanceof Map<?, ?> map) {
            found = map.get(name);
        }
        if (found != null) {
            return found;
        }
        return name.startsWith("_") ? Undefined.unsafe(name) : Undefined.element(owner, TemplateException.shown(name));
    }

    private static @Nullable Callable method(Object owner, String name) {
        if (owner instanceof String text) {
            return StringMethods.find(text, name);
        } else if (owner instanceof Map<?, ?> map) {
            return ContainerMethods.find(map, name);
        }
        List<Object> items = list(owner);
        return items == null ? null : ContainerMethods.find(items, name);
    }

    /** {@code owner[key]}: an element, or else a method. */
    static Object item(Budget budget, Object owner, Object key) {
        budget.spendKey(key);
        if (owner instanceof Undefined undefined) {
            throw undefined.used();
        } else if (owner instanceof Map<?, ?> map && isKey(key)) {
            Object value = map.get(key);
            if (value != null) {
                return value;
            }
        } else if (Numbers.isWhole(key) && (owner instanceof String || list(owner) != null)) {
            return element(budget, owner, Numbers.whole(key));
        }
        return key instanceof String name
                ? attribute(owner, name)
                : Undefined.element(owner, isKey(key) ? Text.represented(budget, key) : "of type " + Types.name(key));
    }

    private static Object element(Budget budget, Object owner, long index) {
        List<?> items = list(owner);
        long size = items == null ? length(budget, owner) : items.size();
        long at = index < 0 ? index + size : index;
        if (at < 0 || at >= size) {
            return Undefined.element(owner, "" + index + " (it has " + size + ")");
        }
        return items == null ? character((String) owner, (int) at) : items.get((int) at);
    }

    private static String character(String text, int index) {
        int start = text.offsetByCodePoints(0, index);
        return text.substring(start, text.offsetByCodePoints(start, 1));
    }

    /** The elements of a list or tuple, else null. */
    @SuppressWarnings("unchecked")
    private static @Nullable List<Object> list(Object value) {
        return value instanceof Tuple tuple
                ? tuple.items()
                : value instanceof List<?> list ? (List<Object>) list : null;
    }

    /** {@code owner[start:stop:step]}; None where a bound was left out. */
    static Object slice(Budget budget, Object owner, Object start, Object stop, Object step) {
        if (owner instanceof Undefined undefined) {
            throw undefined.used();
        }
        List<Object> items = owner instanceof String text ? characters(budget, text) : list(owner);
        if (items == null) {
            throw Types.wrong("slicing", owner);
        }
        List<Object> taken = slice(budget, items, start, stop, step);
        return owner instanceof String ? joined(budget, taken) : owner instanceof Tuple ? new Tuple(taken) : taken;
    }

    private static List<Object> slice(Budget budget, List<Object> items, Object start, Object stop, Object step) {
        long by = bound(step, 1);
        if (by == 0) {
            throw new TemplateException("a slice's step must not be 0");
        }
        long size = items.size();
        long from = clamp(bound(start, by > 0 ? 0 : size - 1), start, size, by);
        long to = stop == None.NONE ? (by > 0 ? size : -1) : clamp(bound(stop, 0), stop, size, by);
        List<Object> taken = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += Math.max(-size - 1, Math.min(by, size + 1))) {
            budget.spendElements(1);
            taken.add(items.get((int) i));
        }
        return taken;
    }

    private static long bound(Object value, long otherwise) {
        if (value == None.NONE) {
            return otherwise;
        } else if (Numbers.isWhole(value)) {
            return Numbers.whole(value);
        }
        throw Types.wrong("slicing by a bound", value);
    }

    private static long clamp(long index, Object given, long size, long step) {
        long at = given != None.NONE && index < 0 ? Math.max(index, -size - 1) + size : index;
        return step > 0 ? Math.max(0, Math.min(at, size)) : Math.max(-1, Math.min(at, size - 1));
    }

    static List<Object> characters(Budget budget, String text) {
        budget.spendElements(2L * text.length());
        List<Object> characters = new ArrayList<>(text.length());
        text.codePoints().forEach(c -> characters.add(Character.toString(c)));
        return characters;
    }

    private static String joined(Budget budget, List<Object> characters) {
        budget.make(2L * characters.size());
        StringBuilder text = new StringBuilder();
        characters.forEach(text::append);
        return text.toString();
    }

    /** Python's {@code len}. */
    static long length(Budget budget, Object value) {
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
    static Iterator<Object> iterate(Budget budget, Object value) {
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
    static List<Object> all(Budget budget, Object value) {
        List<Object> all = new ArrayList<>();
        Iterator<Object> items = iterate(budget, value);
        while (items.hasNext()) {
            budget.spendElements(1);
            all.add(items.next());
        }
        return all;
    }
}
