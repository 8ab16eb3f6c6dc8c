package io.github.peft4j.jinja.internal.tree;

import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Types;

/** A part of a template that has a value. */
public interface Expression {

    /** Its value, without the bookkeeping of {@link #in}. */
    Object compute(Frame frame);

    /** Its value in a scope. */
    default Object in(Frame frame) {
        Budget budget = frame.run().budget();
        budget.enter();
        Object value = compute(frame);
        budget.leave();
        return value;
    }

    default boolean isTrue(Frame frame) {
        return Types.isTrue(in(frame));
    }
}
