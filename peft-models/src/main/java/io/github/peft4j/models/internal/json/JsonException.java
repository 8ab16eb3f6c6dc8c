package io.github.peft4j.models.internal.json;

import java.io.IOException;

/** A text that is not the JSON that was expected; the message is one line that says what is wrong and where in the text. */
public final class JsonException extends IOException {

    private final String problem;
    private final JsonInput.Place place;

    JsonException(String problem, JsonInput.Place place) {
        super(problem + " at line " + place.line() + ", column " + place.column());
        this.problem = problem;
        this.place = place;
    }

    /** What is wrong, without the place. */
    public String problem() {
        return problem;
    }

    /** The line of the text, from 1. */
    public long line() {
        return place.line();
    }

    /** The column of the line in characters (code points), from 1. */
    public long column() {
        return place.column();
    }
}
