package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Callable;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Loop;
import io.github.peft4j.jinja.internal.value.Namespace;
import io.github.peft4j.jinja.internal.value.None;
import io.github.peft4j.jinja.internal.value.Numbers;
import io.github.peft4j.jinja.internal.value.Text;
import io.github.peft4j.jinja.internal.value.Tuple;
import io.github.peft4j.jinja.internal.value.Types;
import io.github.peft4j.jinja.internal.value.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's attributes, elements and slices. */
public final class Access {

    private Access() {}

    /** {@code owner.name}: a method, or else an element. */
    public static Object attribute(Object owner, String name) {
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
        List<Object> items = Elements.list(owner);
        return items == null ? null : ContainerMethods.find(items, name);
    }

    /** {@code owner[key]}: an element, or else a method. */
    public static Object item(Budget budget, Object owner, Object key) {
        budget.spendKey(key);
        if (owner instanceof Undefined undefined) {
            throw undefined.used();
        } else if (owner instanceof Map<?, ?> map && Elements.isKey(key)) {
            Object value = map.get(key);
            if (value != null) {
                return value;
            }
        } else if (Numbers.isWhole(key) && (owner instanceof String || Elements.list(owner) != null)) {
            return element(budget, owner, Numbers.whole(key));
        }
        return key instanceof String name
                ? attribute(owner, name)
                : Undefined.element(
                        owner, Elements.isKey(key) ? Text.represented(budget, key) : "of type " + Types.name(key));
    }

    private static Object element(Budget budget, Object owner, long index) {
        List<?> items = Elements.list(owner);
        long size = items == null ? Elements.length(budget, owner) : items.size();
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

    /** {@code owner[start:stop:step]}; None where a bound was left out. */
    public static Object slice(Budget budget, Object owner, Object start, Object stop, Object step) {
        if (owner instanceof Undefined undefined) {
            throw undefined.used();
        }
        List<Object> items = owner instanceof String text ? Elements.characters(budget, text) : Elements.list(owner);
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

    private static String joined(Budget budget, List<Object> characters) {
        budget.make(2L * characters.size());
        StringBuilder text = new StringBuilder();
        characters.forEach(text::append);
        return text.toString();
    }
}
