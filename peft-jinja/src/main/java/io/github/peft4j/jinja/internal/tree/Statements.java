package io.github.peft4j.jinja.internal.tree;

import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Text;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements that need no file of their own. */
public final class Statements {

    private Statements() {}

    /** Text of the template. */
    public record Data(String text) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.run().write(text);
            return Flow.NEXT;
        }
    }

    /** {@code {{ value }}}. */
    public record Output(Expression value, int line) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.run().at(line);
            frame.run().write(Text.of(frame.run().budget(), value.in(frame)));
            return Flow.NEXT;
        }
    }

    /** {@code {% if %}} and its {@code elif}s; the last branch may have no condition. */
    public record If(List<Branch> branches) implements Statement {
        @Override
        public Flow run(Frame frame) {
            for (Branch branch : branches) {
                frame.run().at(branch.line());
                if (branch.condition() == null || branch.condition().isTrue(frame)) {
                    return Statement.all(branch.body(), frame);
                }
            }
            return Flow.NEXT;
        }
    }

    /** One branch of an {@code if}. */
    public record Branch(@Nullable Expression condition, List<Statement> body, int line) {}

    /** {@code {% set target = value %}}. */
    public record Set(Target target, Expression value, int line) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.run().at(line);
            target.assign(frame, value.in(frame));
            return Flow.NEXT;
        }
    }

    /** {@code {% set target %}...{% endset %}} and {@code {% filter f %}...{% endfilter %}}, which has no target. */
    public record Captured(@Nullable Target target, List<Statement> body, List<Expressions.FilterUse> filters, int line)
            implements Statement {
        @Override
        public Flow run(Frame frame) {
            Object value = frame.run().capture(() -> Statement.all(body, frame.inner()));
            frame.run().at(line);
            for (Expressions.FilterUse filter : filters) {
                value = filter.apply(frame, value);
            }
            if (target == null) {
                frame.run().write(Text.of(frame.run().budget(), value));
            } else {
                target.assign(frame, value);
            }
            return Flow.NEXT;
        }
    }

    /** {@code {% with name = value %}...{% endwith %}}. */
    public record With(List<Target> targets, List<Expression> values, List<Statement> body, int line)
            implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.run().at(line);
            Frame inner = frame.inner();
            for (int i = 0; i < targets.size(); i++) {
                targets.get(i).assign(inner, values.get(i).in(frame));
            }
            return Statement.all(body, inner);
        }
    }

    /** {@code {% generation %}...{% endgeneration %}}: what the model itself says. */
    public record Generation(List<Statement> body) implements Statement {
        @Override
        public Flow run(Frame frame) {
            frame.run().generation(() -> Statement.all(body, frame.inner()));
            return Flow.NEXT;
        }
    }

    /** {@code {% break %}} and {@code {% continue %}}. */
    public record Jump(Flow flow) implements Statement {
        @Override
        public Flow run(Frame frame) {
            return flow;
        }
    }
}
