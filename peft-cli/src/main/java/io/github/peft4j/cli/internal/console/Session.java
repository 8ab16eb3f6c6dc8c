package io.github.peft4j.cli.internal.console;

/**
 * What a command is run with.
 *
 * @param console where it reads and writes
 * @param interruption how it is stopped
 * @param json whether results are JSON, one object a line
 */
public record Session(Console console, Interruption interruption, boolean json) {

    /** One whose results people read. */
    public Session(Console console, Interruption interruption) {
        this(console, interruption, false);
    }

    /** This one with results as JSON, or not. */
    public Session withJson(boolean wanted) {
        return new Session(console, interruption, wanted);
    }

    /** Prints a result that stands alone. */
    public void print(Fields fields) {
        if (json) {
            console.out().println(fields.json());
        } else {
            console.out().print(fields.lines());
        }
        console.out().flush();
    }
}
