package io.github.peft4j.models.text.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A scope of variables. Reading looks outwards; setting stays inside, as in Jinja, where a loop cannot change what is outside. */
final class Frame {

    /** Units that looking into a scope costs. */
    private static final int STEP = 4;

    private final Run run;
    private final @Nullable Frame outer;
    private final Map<String, Object> variables = new HashMap<>();

    private Frame(Run run, @Nullable Frame outer) {
        this.run = run;
        this.outer = outer;
    }

    static Frame global(Run run, Map<String, Object> variables) {
        Frame frame = new Frame(run, null);
        frame.variables.putAll(variables);
        return frame;
    }

    Frame inner() {
        return new Frame(run, this);
    }

    Run run() {
        return run;
    }

    Comparison comparison() {
        return new Comparison(run.budget());
    }

    Object get(String name) {
        for (Frame frame = this; frame != null; frame = frame.outer) {
            run.budget().spend(STEP);
            Object value = frame.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return Undefined.name(name);
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }
}
