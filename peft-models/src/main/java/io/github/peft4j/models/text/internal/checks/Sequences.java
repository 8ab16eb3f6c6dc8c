package io.github.peft4j.models.text.internal.checks;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The components of a section: a single one, or a {@code Sequence} of more, in each other so deep and so many in all. */
final class Sequences {

    /** The type of a component that consists of others. */
    static final String TYPE = "Sequence";

    private static final int DEEPEST = 4;
    private static final int MOST = 64;

    /** Checks a component that is no sequence. */
    interface Check {
        /**
         * Checks one and puts what is known of it into {@link Component#checked}.
         *
         * @return what it can cost
         */
        Cost check(String type, Component component);
    }

    private final String key;
    private final String plural;
    private final Check single;
    private int count;

    /**
     * None looked at yet.
     *
     * @param key under which a sequence has its parts
     * @param plural what they are, for messages
     * @param single for those that are no sequence
     */
    Sequences(String key, String plural, Check single) {
        this.key = key;
        this.plural = plural;
        this.single = single;
    }

    /**
     * Checks a component with all that are in it, and puts what is known of it into {@link Component#checked}.
     *
     * @return what they can cost one after the other
     */
    Cost check(Component component) {
        return check(component, 0);
    }

    private Cost check(Component component, int depth) {
        if (++count > MOST) {
            component.fault("expected at most " + MOST + " " + plural);
            return Cost.NONE;
        }
        String type = component.type();
        return type.equals(TYPE) ? sequence(component, depth) : single.check(type, component);
    }

    private Cost sequence(Component component, int depth) {
        if (depth > DEEPEST) {
            component.fault("expected at most " + DEEPEST + " sequences in each other");
            return Cost.NONE;
        }
        Cost cost = Cost.NONE;
        List<@Nullable Object> checked = component.checkedList(key);
        for (Component part : component.parts(key, MOST)) {
            cost = cost.then(check(part, depth + 1));
            checked.add(part.checked());
        }
        return cost;
    }
}
