package io.github.peft4j.models.text.jinja;

/** A part of a template that has a value. */
interface Expression {

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
