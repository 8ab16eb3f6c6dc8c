package io.github.peft4j.jinja.internal.tree;

import io.github.peft4j.jinja.internal.run.Budget;
import io.github.peft4j.jinja.internal.value.Callable;
import io.github.peft4j.jinja.internal.value.Elements;
import io.github.peft4j.jinja.internal.value.Frame;
import io.github.peft4j.jinja.internal.value.Loop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code {% for target in items if condition %}...{% else %}...{% endfor %}}. */
public record ForLoop(
        Target target,
        Expression items,
        @Nullable Expression condition,
        boolean recursive,
        List<Statement> body,
        List<Statement> otherwise,
        int line)
        implements Statement {

    @Override
    public Flow run(Frame frame) {
        frame.run().at(line);
        return walk(frame, items.in(frame), 1);
    }

    private Flow walk(Frame frame, Object iterable, int depth) {
        List<Object> taken = Elements.all(frame.run().budget(), iterable);
        if (condition != null) {
            taken = kept(frame, taken, condition);
        }
        if (taken.isEmpty()) {
            return Statement.all(otherwise, frame.inner());
        }
        Callable again = recursive
                ? (caller, arguments) -> frame.run()
                        .capture(() ->
                                walk(frame, arguments.bind("loop", "iterable").required("iterable"), depth + 1))
                : null;
        Loop loop = new Loop(taken, depth, again);
        while (loop.next()) {
            frame.run().budget().spend(Budget.STEP);
            Frame turn = frame.inner();
            turn.set("loop", loop);
            target.assign(turn, loop.item());
            if (Statement.all(body, turn) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }

    private List<Object> kept(Frame frame, List<Object> all, Expression test) {
        List<Object> kept = new ArrayList<>();
        for (Object item : all) {
            Frame trial = frame.inner();
            target.assign(trial, item);
            if (test.isTrue(trial)) {
                kept.add(item);
            }
        }
        return kept;
    }
}
