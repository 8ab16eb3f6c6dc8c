package io.github.peft4j.models.internal.json;

import java.io.IOException;

/** A text that is not the JSON that was expected; the message is one line that says what is wrong and where in the text. */
public final class JsonException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String problem;
    private final long line;
    private final long column;

    JsonException(String problem, long line, long column) {
        super(problem + " at line " + line + ", column " + column);
        this.problem = problem;
        this.line = line;
        this.column = column;
    }

    /** What is wrong, without the place. */
    public String problem() {
        return problem;
    }

    /** The line of the text, from 1. */
    public long line() {
        return line;
    }

    /** The column of the line in characters (code points), from 1. */
    public long column() {
        return column;
    }
}
