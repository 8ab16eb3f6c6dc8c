package io.github.peft4j.jinja.internal.tree;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Callable;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Text;
import io.github.peft4j.jinja.internal.value.Tuple;
import io.github.peft4j.jinja.internal.value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code {% macro name(parameters) %}} and the body of {@code {% call %}}.
 *
 * @param defaults of the last parameters
 * @param names all names that the body mentions: a macro takes surplus arguments only if it mentions {@code varargs} or {@code kwargs}
 */
public record Macro(
        String name, List<String> parameters, List<Expression> defaults, List<Statement> body, Set<String> names) {

    /** The macro as a value that sees the scope it was defined in. */
    Callable in(Frame definition) {
        return (frame, arguments) -> {
            frame.run().budget().spend((long) Budget.ELEMENT * parameters.size());
            int line = frame.run().line();
            Frame inner = definition.inner();
            bind(inner, arguments);
            String text = frame.run().capture(() -> Statement.all(body, inner));
            frame.run().at(line);
            return text;
        };
    }

    private void bind(Frame inner, Arguments arguments) {
        List<Object> positional = arguments.positional();
        Map<Object, Object> surplus = new LinkedHashMap<>(arguments.named());
        int required = parameters.size() - defaults.size();
        for (int i = 0; i < parameters.size(); i++) {
            String parameter = parameters.get(i);
            Object named = surplus.remove(parameter);
            if (i < positional.size()) {
                if (named != null) {
                    throw new TemplateException("macro '" + name + "' got the argument '" + parameter + "' twice");
                }
                inner.set(parameter, positional.get(i));
            } else if (named != null) {
                inner.set(parameter, named);
            } else if (i >= required) {
                inner.set(parameter, defaults.get(i - required).in(inner));
            } else {
                inner.set(parameter, new Undefined("parameter '" + parameter + "' was not provided"));
            }
        }
        Object caller = names.contains("caller") ? surplus.remove("caller") : null;
        inner.set("caller", caller == null ? new Undefined("No caller defined") : caller);
        if (!surplus.isEmpty() && !names.contains("kwargs")) {
            throw new TemplateException("macro '" + name + "' has no argument '"
                    + surplus.keySet().iterator().next() + "'; it has " + parameters);
        }
        if (positional.size() > parameters.size() && !names.contains("varargs")) {
            throw new TemplateException(
                    "macro '" + name + "' takes at most " + parameters.size() + " arguments, got " + positional.size());
        }
        inner.set("kwargs", surplus);
        inner.set(
                "varargs",
                new Tuple(new ArrayList<>(
                        positional.subList(Math.min(parameters.size(), positional.size()), positional.size()))));
    }

    /** {@code {% macro %}}. */
    public record Definition(Macro macro) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.set(macro.name(), macro.in(frame));
            return Flow.NEXT;
        }
    }

    /** {@code {% call(parameters) macro(arguments) %}...{% endcall %}}; the body is the called macro's {@code caller}. */
    public record CallBlock(Macro caller, Expressions.Call call) implements Statement {
        @Override
        public Flow run(Frame frame) {
            Object result = call.with(frame, "caller", caller.in(frame));
            frame.run().write(Text.of(frame.run().budget(), result));
            return Flow.NEXT;
        }
    }
}
