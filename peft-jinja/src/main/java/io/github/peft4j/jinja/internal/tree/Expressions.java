package io.github.peft4j.jinja.internal.tree;

import io.github.peft4j.jinja.internal.library.Access;
import io.github.peft4j.jinja.internal.library.Filters;
import io.github.peft4j.jinja.internal.library.Globals;
import io.github.peft4j.jinja.internal.library.Tests;
import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Callable;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Text;
import io.github.peft4j.jinja.internal.value.Tuple;
import io.github.peft4j.jinja.internal.value.Types;
import io.github.peft4j.jinja.internal.value.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The expressions, all but the operators. */
public final class Expressions {

    private Expressions() {}

    /** A number, a text, true, false, none. */
    public record Literal(Object value) implements Expression {
        @Override
        public Object compute(Frame frame) {
            return value;
        }
    }

    /** A variable. */
    public record Name(String name) implements Expression {
        @Override
        public Object compute(Frame frame) {
            Object value = frame.get(name);
            if (value instanceof Undefined && Globals.REFUSED.contains(name)) {
                throw new TemplateException("'" + name + "' is not supported in chat templates");
            }
            return value;
        }
    }

    /** {@code owner.name}. */
    public record Attribute(Expression owner, String name) implements Expression {
        @Override
        public Object compute(Frame frame) {
            return Access.attribute(owner.in(frame), name);
        }
    }

    /** {@code owner[key]}. */
    public record Item(Expression owner, Expression key) implements Expression {
        @Override
        public Object compute(Frame frame) {
            return Access.item(frame.run().budget(), owner.in(frame), key.in(frame));
        }
    }

    /** {@code owner[start:stop:step]}. */
    public record Slice(Expression owner, Expression start, Expression stop, Expression step) implements Expression {
        @Override
        public Object compute(Frame frame) {
            return Access.slice(frame.run().budget(), owner.in(frame), start.in(frame), stop.in(frame), step.in(frame));
        }
    }

    /** {@code [a, b]} or {@code (a, b)}. */
    public record Sequence(List<Expression> items, boolean tuple) implements Expression {
        @Override
        public Object compute(Frame frame) {
            List<Object> values = new ArrayList<>(items.size());
            for (Expression item : items) {
                values.add(item.in(frame));
            }
            return tuple ? new Tuple(values) : values;
        }
    }

    /** {@code {key: value}}. */
    public record Mapping(List<Expression> keys, List<Expression> values) implements Expression {
        @Override
        public Object compute(Frame frame) {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                Object key = keys.get(i).in(frame);
                if (!Elements.isKey(key)) {
                    throw Types.wrong("a dict's key", key);
                }
                frame.run().budget().spendKey(key);
                map.put(key, values.get(i).in(frame));
            }
            return map;
        }
    }

    /** {@code value if condition else otherwise}. */
    public record Conditional(
            Expression condition,
            Expression value,
            @Nullable Expression otherwise) implements Expression {
        @Override
        public Object compute(Frame frame) {
            if (condition.isTrue(frame)) {
                return value.in(frame);
            }
            return otherwise == null
                    ? new Undefined("the condition of an inline if was false and it has no else")
                    : otherwise.in(frame);
        }
    }

    /** One argument of a call: {@code value}, {@code name=value}, {@code *value} or {@code **value}. */
    public record Argument(String name, Expression value) {

        /** The name of an argument without one. */
        public static final String POSITIONAL = "";

        public static Arguments.Builder all(List<Argument> arguments, Frame frame) {
            Arguments.Builder all = new Arguments.Builder();
            for (Argument argument : arguments) {
                argument.addTo(all, argument.value.in(frame), frame);
            }
            return all;
        }

        private void addTo(Arguments.Builder all, Object given, Frame frame) {
            switch (name) {
                case POSITIONAL -> all.add(given);
                case "*" -> {
                    Iterator<Object> items = Elements.iterate(frame.run().budget(), given);
                    while (items.hasNext()) {
                        frame.run().budget().spendElements(1);
                        all.add(items.next());
                    }
                }
                case "**" -> {
                    if (!(given instanceof Map<?, ?> map)) {
                        throw Types.wrong("'**'", given);
                    }
                    frame.run().budget().spendElements(2L * map.size());
                    map.forEach((key, item) -> all.add(Text.of(frame.run().budget(), key), item));
                }
                default -> all.add(name, given);
            }
        }
    }

    /** {@code callee(arguments)}. */
    public record Call(Expression callee, List<Argument> arguments, int line) implements Expression {
        @Override
        public Object compute(Frame frame) {
            return call(frame, Argument.all(arguments, frame));
        }

        /** Calls with one more argument. */
        Object with(Frame frame, String name, Object value) {
            Arguments.Builder all = Argument.all(arguments, frame);
            all.add(name, value);
            return call(frame, all);
        }

        private Object call(Frame frame, Arguments.Builder given) {
            Object function = callee.in(frame);
            if (function instanceof Callable callable) {
                return callable.call(frame, given.build());
            }
            throw Types.wrong("a call", function);
        }
    }

    /** {@code | name(arguments)}. */
    public record FilterUse(String name, List<Argument> arguments, int line) {
        Object apply(Frame frame, Object value) {
            return Filters.apply(
                    frame, name, value, Argument.all(arguments, frame).build());
        }
    }

    /** {@code value | filter}. */
    public record Filtered(Expression value, FilterUse filter) implements Expression {
        @Override
        public Object compute(Frame frame) {
            return filter.apply(frame, value.in(frame));
        }
    }

    /** {@code value is test(arguments)}. */
    public record Tested(Expression value, String test, List<Argument> arguments) implements Expression {
        @Override
        public Object compute(Frame frame) {
            return Tests.holds(
                    frame, test, value.in(frame), Argument.all(arguments, frame).build());
        }
    }
}
