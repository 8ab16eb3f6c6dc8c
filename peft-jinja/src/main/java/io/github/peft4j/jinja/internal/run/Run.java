package io.github.peft4j.jinja.internal.run;

import io.github.peft4j.jinja.internal.rendering.JsonText;
import io.github.peft4j.jinja.internal.rendering.Rendering;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/** One rendering: what it may spend, what it has written, and where it stands. */
public final class Run {

    private final Budget budget;
    private final Clock clock;
    private final JsonText json;
    private final Deque<StringBuilder> outputs = new ArrayDeque<>();
    private final List<Rendering.Span> generated = new ArrayList<>();
    private boolean everySpanKnown = true;
    private int line = 1;

    public Run(Budget budget, Clock clock, JsonText json) {
        this.budget = budget;
        this.clock = clock;
        this.json = json;
        outputs.push(new StringBuilder());
    }

    public Budget budget() {
        return budget;
    }

    /** The time, where the caller is. */
    public ZonedDateTime now() {
        return ZonedDateTime.now(clock);
    }

    /** What writes JSON. */
    public JsonText json() {
        return json;
    }

    /** The line of the template that is at work. */
    public int line() {
        return line;
    }

    public void at(int newLine) {
        line = newLine;
    }

    public void write(String text) {
        StringBuilder out = outputs.element();
        budget.make(text.length());
        budget.checkOutput((long) out.length() + text.length());
        out.append(text);
    }

    /** Catches what a part of the template writes. */
    public String capture(Runnable part) {
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
    public <T> T generation(Supplier<T> part) {
        int start = outputs.element().length();
        T result = part.get();
        if (outputs.size() == 1) {
            generated.add(new Rendering.Span(start, outputs.element().length()));
        } else {
            everySpanKnown = false;
        }
        return result;
    }

    public Rendering finish() {
        return new Rendering(outputs.element().toString(), List.copyOf(generated), everySpanKnown);
    }
}
