package io.github.peft4j.jinja.internal.value;

import io.github.peft4j.jinja.internal.rendering.TemplateException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} of a loop. */
public final class Loop implements Callable {

    private final List<Object> items;
    private final int depth;
    private final @Nullable Callable again;
    private int index = -1;
    private @Nullable Object changed;

    /**
     * A loop before its first turn.
     *
     * @param depth 1, and more in recursive loops
     * @param again renders the body with other items; null if the loop is not recursive
     */
    public Loop(List<Object> items, int depth, @Nullable Callable again) {
        this.items = items;
        this.depth = depth;
        this.again = again;
    }

    public boolean next() {
        return ++index < items.size();
    }

    public Object item() {
        return items.get(index);
    }

    int size() {
        return items.size();
    }

    public Object attribute(String name) {
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) items.size() - index;
            case "revindex0" -> (long) items.size() - index - 1;
            case "first" -> index == 0;
            case "last" -> index == items.size() - 1;
            case "length" -> (long) items.size();
            case "depth" -> (long) depth;
            case "depth0" -> (long) depth - 1;
            case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("there is no previous item");
            case "nextitem" -> index + 1 < items.size() ? items.get(index + 1) : new Undefined("there is no next item");
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> Undefined.element(this, TemplateException.shown(name));
        };
    }

    private Object cycle(Frame frame, Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            throw new TemplateException("loop.cycle needs values to go through");
        }
        return arguments.positional().get(index % arguments.positional().size());
    }

    private Object changed(Frame frame, Arguments arguments) {
        Tuple value = new Tuple(arguments.positional());
        boolean differs = changed == null || !frame.comparison().equal(changed, value);
        changed = value;
        return differs;
    }

    @Override
    public Object call(Frame frame, Arguments arguments) {
        if (again == null) {
            throw new TemplateException("loop cannot be called: the for lacks 'recursive'");
        }
        return again.call(frame, arguments);
    }
}
