package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a call passes.
 *
 * @param positional by position
 * @param named by name
 */
public record Arguments(List<Object> positional, Map<String, Object> named) {

    public static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** All but the first positional ones. */
    public Arguments from(int first) {
        return new Arguments(positional.subList(Math.min(first, positional.size()), positional.size()), named);
    }

    /** The only positional argument, or None if there is none; the named ones are anybody's. */
    public Object single(String function) {
        if (positional.size() > 1) {
            throw new TemplateException(function + " takes at most 1 argument, got " + positional.size());
        }
        return positional.isEmpty() ? None.NONE : positional.get(0);
    }

    /**
     * Gives arguments the names of a function's parameters.
     *
     * @param function for messages
     * @throws TemplateException if there are too many, an unknown name, or one twice
     */
    public Bound bind(String function, String... parameters) {
        if (positional.size() > parameters.length) {
            throw new TemplateException(
                    function + " takes at most " + parameters.length + " arguments, got " + positional.size());
        }
        Map<String, Object> values = new HashMap<>();
        for (int i = 0; i < positional.size(); i++) {
            values.put(parameters[i], positional.get(i));
        }
        for (Map.Entry<String, Object> argument : named.entrySet()) {
            if (!List.of(parameters).contains(argument.getKey())) {
                throw new TemplateException(
                        function + " has no argument '" + argument.getKey() + "'; it has " + List.of(parameters));
            }
            if (values.put(argument.getKey(), argument.getValue()) != null) {
                throw new TemplateException(function + " got the argument '" + argument.getKey() + "' twice");
            }
        }
        return new Bound(function, values);
    }

    /**
     * Arguments by name.
     *
     * @param function for messages
     * @param values those that were given
     */
    public record Bound(String function, Map<String, Object> values) {

        public boolean has(String name) {
            return values.containsKey(name);
        }

        public Object required(String name) {
            Object value = values.get(name);
            if (value == null) {
                throw new TemplateException(function + " needs the argument '" + name + "'");
            }
            return value;
        }

        public Object or(String name, Object otherwise) {
            return values.getOrDefault(name, otherwise);
        }

        /** A text, or the default if it was not given or is None. */
        public String text(String name, String otherwise) {
            Object value = or(name, None.NONE);
            return value == None.NONE ? otherwise : text(name, value);
        }

        public String text(String name) {
            return text(name, required(name));
        }

        private String text(String name, Object value) {
            if (value instanceof String text) {
                return text;
            }
            throw new TemplateException(
                    function + ": the argument '" + name + "' must be a text, got " + Types.name(value));
        }

        public boolean flag(String name) {
            return Types.isTrue(or(name, false));
        }

        /** A whole number that fits an int. */
        public int integer(String name, int otherwise) {
            Object value = or(name, None.NONE);
            if (value == None.NONE) {
                return otherwise;
            }
            if (Numbers.isWhole(value)) {
                long number = Numbers.whole(value);
                if ((int) number == number) {
                    return (int) number;
                }
            }
            throw new TemplateException(
                    function + ": the argument '" + name + "' must be a whole number, got " + Types.name(value));
        }
    }

    /** Builds the arguments of a call. */
    public static final class Builder {

        private final List<Object> positional = new ArrayList<>();
        private final Map<String, Object> named = new java.util.LinkedHashMap<>();

        public void add(Object value) {
            positional.add(value);
        }

        public void add(String name, Object value) {
            if (named.put(name, value) != null) {
                throw new TemplateException("the argument '" + name + "' stands twice in a call");
            }
        }

        public Arguments build() {
            return new Arguments(Collections.unmodifiableList(positional), Collections.unmodifiableMap(named));
        }
    }
}
