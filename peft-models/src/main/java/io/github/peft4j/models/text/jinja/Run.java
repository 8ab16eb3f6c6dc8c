package io.github.peft4j.models.text.jinja;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/** One rendering: what it may spend, what it has written, and where it stands. */
final class Run {

    private final Budget budget;
    private final Clock clock;
    private final JsonText json;
    private final Deque<StringBuilder> outputs = new ArrayDeque<>();
    private final List<Rendering.Span> generated = new ArrayList<>();
    private boolean everySpanKnown = true;
    private int line = 1;

    Run(Budget budget, Clock clock, JsonText json) {
        this.budget = budget;
        this.clock = clock;
        this.json = json;
        outputs.push(new StringBuilder());
    }

    Budget budget() {
        return budget;
    }

    Clock clock() {
        return clock;
    }

    /** What writes JSON. */
    JsonText json() {
        return json;
    }

    /** The line of the template that is at work. */
    int line() {
        return line;
    }

    void at(int newLine) {
        line = newLine;
    }

    void write(String text) {
        StringBuilder out = outputs.element();
        budget.make(text.length());
        budget.checkOutput((long) out.length() + text.length());
        out.append(text);
    }

    /** Catches what a part of the template writes. */
    String capture(Runnable part) {
        outputs.push(new StringBuilder());
        try {
            part.run();
            budget.spend(outputs.element().length());
            return outputs.element().toString();
        } finally {
            outputs.pop();
        }
    }

    /** Marks what a part writes as the model's own words. What is captured first may be changed later, so its place is unknown. */
    <T> T generation(Supplier<T> part) {
        int start = outputs.element().length();
        T result = part.get();
        if (outputs.size() == 1) {
            generated.add(new Rendering.Span(start, outputs.element().length()));
        } else {
            everySpanKnown = false;
        }
        return result;
    }

    Rendering finish() {
        return new Rendering(outputs.element().toString(), List.copyOf(generated), everySpanKnown);
    }
}
