package io.github.peft4j.jinja.internal.library;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import io.github.peft4j.jinja.internal.value.Arguments;
import io.github.peft4j.jinja.internal.value.Callable;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Namespace;
import io.github.peft4j.jinja.internal.value.None;
import io.github.peft4j.jinja.internal.value.Text;
import io.github.peft4j.jinja.internal.value.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The functions that every template has: Jinja's, and those that transformers adds. */
public final class Globals {

    /** The longest range, as in Jinja's sandbox. */
    private static final int LONGEST_RANGE = 100_000;

    public static final Map<String, Object> ALL = Map.of(
            "range", (Callable) Globals::range,
            "namespace", (Callable) Globals::namespace,
            "dict", (Callable) Globals::dict,
            "raise_exception", (Callable) Globals::raise,
            "strftime_now", (Callable) Globals::now);

    /** Jinja's other functions: to call them undefined would be wrong. */
    public static final Set<String> REFUSED = Set.of("cycler", "joiner", "lipsum", "self");

    private Globals() {}

    private static Object range(Frame frame, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("range", "a", "b", "step");
        long start = bound.has("b") ? bound.integer("a", 0) : 0;
        long stop = bound.integer(bound.has("b") ? "b" : "a", 0);
        long step = bound.integer("step", 1);
        if (step == 0) {
            throw new TemplateException("range: the step must not be 0");
        }
        long length = Math.max(0, Math.floorDiv(stop - start + step - Long.signum(step), step));
        if (length > LONGEST_RANGE) {
            throw new TemplateException("range: at most " + LONGEST_RANGE + " numbers, got " + length);
        }
        frame.run().budget().spendElements(length);
        List<Object> numbers = new ArrayList<>((int) length);
        for (long i = 0; i < length; i++) {
            numbers.add(start + i * step);
        }
        return numbers;
    }

    private static Map<Object, Object> dict(Frame frame, Arguments arguments) {
        Map<Object, Object> map = new LinkedHashMap<>();
        Object given = arguments.single("dict");
        if (given instanceof Map<?, ?> base) {
            frame.run().budget().spendElements(2L * base.size());
            map.putAll(base);
        } else if (given != None.NONE) {
            throw Types.wrong("dict", given);
        }
        map.putAll(arguments.named());
        return map;
    }

    private static Object namespace(Frame frame, Arguments arguments) {
        Namespace namespace = new Namespace();
        dict(frame, arguments)
                .forEach((key, value) -> namespace.set(Text.of(frame.run().budget(), key), value));
        return namespace;
    }

    private static Object raise(Frame frame, Arguments arguments) {
        String message = Text.of(
                frame.run().budget(),
                arguments.bind("raise_exception", "message").or("message", "no reason given"));
        throw new TemplateException(message);
    }

    private static Object now(Frame frame, Arguments arguments) {
        String format = arguments.bind("strftime_now", "format").text("format");
        frame.run().budget().spend(format.length() * 1024L);
        return Strftime.format(format, frame.run().now());
    }
}
