package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.run.Run;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A scope of variables. Reading looks outwards; setting stays inside, as in Jinja, where a loop cannot change what is outside. */
public final class Frame {

    /** Units that looking into a scope costs. */
    private static final int STEP = 4;

    private final Run run;
    private final @Nullable Frame outer;
    private final Map<String, Object> variables = new HashMap<>();

    private Frame(Run run, @Nullable Frame outer) {
        this.run = run;
        this.outer = outer;
    }

    public static Frame global(Run run, Map<String, Object> variables) {
        Frame frame = new Frame(run, null);
        frame.variables.putAll(variables);
        return frame;
    }

    public Frame inner() {
        return new Frame(run, this);
    }

    public Run run() {
        return run;
    }

    public Comparison comparison() {
        return new Comparison(run.budget());
    }

    public Object get(String name) {
        for (Frame frame = this; frame != null; frame = frame.outer) {
            run.budget().spend(STEP);
            Object value = frame.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return Undefined.name(name);
    }

    public void set(String name, Object value) {
        variables.put(name, value);
    }
}
