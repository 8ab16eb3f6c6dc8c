package io.github.peft4j.cli.internal.console;

import io.github.peft4j.models.internal.message.Printable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a command reads and writes: results on {@link #out}, everything else on {@link #err}, both in UTF-8 whatever the locale.
 *
 * <p>Notes and errors are single lines in which nothing of a file can steer the terminal ({@link Printable}); whoever prints results sees to it himself.
 *
 * <p>Notes are held back until {@link #begin}: if the input turns out to be bad, the one line that says so stands alone.
 */
public final class Console {

    /** Set by the launcher, which can see what Java cannot: whether standard error is a terminal, and how wide it is. */
    private static final String COLUMNS = "peft4j.terminal.columns";

    private static final int USUAL_COLUMNS = 80;

    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final int columns;
    private final List<String> heldBack = new ArrayList<>();
    private boolean begun;

    /**
     * A console over streams.
     *
     * @param columns width of the terminal that {@code err} is, or 0 if it is none
     */
    public Console(InputStream in, PrintStream out, PrintStream err, int columns) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.columns = columns;
    }

    /** The process's own; what libraries print from now on goes to standard error. */
    public static Console ofProcess(OutputStream results) {
        PrintStream out = new PrintStream(results, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.setOut(err);
        System.setErr(err);
        return new Console(System.in, out, err, Math.max(0, Integer.getInteger(COLUMNS, 0)));
    }

    /** One that swallows everything. */
    static Console silent() {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        return new Console(InputStream.nullInputStream(), nowhere, nowhere, 0);
    }

    /** What the user types or pipes in. */
    public InputStream in() {
        return in;
    }

    /** Results. */
    public PrintStream out() {
        return out;
    }

    /** Progress, notes and errors. */
    public PrintStream err() {
        return err;
    }

    /** Whether {@link #err} is a terminal, which can show progress in place. */
    public boolean terminal() {
        return columns > 0;
    }

    /** Width to print text in. */
    public int width() {
        return columns > 0 ? columns : USUAL_COLUMNS;
    }

    /** All input is known to be good: notes are shown from now on, and those held back. */
    public synchronized void begin() {
        begun = true;
        heldBack.forEach(this::print);
        heldBack.clear();
    }

    /** Forgets the notes held back. */
    public synchronized void forget() {
        heldBack.clear();
    }

    /** Says something that is neither result nor error. */
    public synchronized void note(String text) {
        if (begun) {
            clearLine();
            print(text);
        } else {
            heldBack.add(text);
        }
    }

    /** Says in one line why a command has failed. */
    public synchronized void error(String line) {
        print(line);
        err.flush();
    }

    /** Says where a command has failed, for whoever mends it. */
    public synchronized void trace(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        trace.toString().lines().forEach(line -> err.println(Printable.message(line.replace("\t", "    "))));
        err.flush();
    }

    /** What is quoted of a file must not steer the terminal. */
    private void print(String line) {
        err.println(Printable.message(line));
    }

    /** Clears a line of progress before something else is printed. */
    public void clearLine() {
        if (terminal()) {
            err.print("\r\033[K");
            err.flush();
        }
    }
}
