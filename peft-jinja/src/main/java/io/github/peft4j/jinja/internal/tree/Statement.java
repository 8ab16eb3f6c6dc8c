package io.github.peft4j.jinja.internal.tree;

import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Frame;
import java.util.List;

/** A part of a template that writes or sets something. */
public interface Statement {

    /** What comes after a statement. */
    enum Flow {
        /** The next statement. */
        NEXT,
        /** The end of the innermost loop. */
        BREAK,
        /** The next turn of the innermost loop. */
        CONTINUE
    }

    /** Runs it. */
    Flow run(Frame frame);

    /** Runs statements one after the other, until one leaves a loop or begins its next turn. */
    static Flow all(List<Statement> body, Frame frame) {
        Budget budget = frame.run().budget();
        for (Statement statement : body) {
            budget.enter();
            Flow flow = statement.run(frame);
            budget.leave();
            if (flow != Flow.NEXT) {
                return flow;
            }
        }
        return Flow.NEXT;
    }
}
