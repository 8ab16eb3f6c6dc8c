package io.github.peft4j.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command reads and writes: results on {@code out}, everything else on {@code err}, both in UTF-8 whatever the locale.
 *
 * @param in what the user types or pipes in
 * @param out results
 * @param err progress, notes and errors
 * @param terminal whether {@code err} is a terminal, which can show progress in place
 * @param columns width of that terminal
 */
record Console(InputStream in, PrintStream out, PrintStream err, boolean terminal, int columns) {

    /** Set by the launcher, which can see what Java cannot: whether standard error is a terminal, and how wide it is. */
    static final String COLUMNS = "peft4j.terminal.columns";

    private static final int USUAL_COLUMNS = 80;

    /** The process's own; what libraries print from now on goes to standard error. */
    static Console ofProcess() {
        PrintStream out = stream(FileDescriptor.out);
        PrintStream err = stream(FileDescriptor.err);
        System.setOut(err);
        System.setErr(err);
        Integer columns = Integer.getInteger(COLUMNS);
        boolean terminal = columns != null || System.console() != null;
        return new Console(System.in, out, err, terminal, columns == null || columns < 1 ? USUAL_COLUMNS : columns);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /** Says something that is neither result nor error. */
    void note(String text) {
        err.println(text);
    }
}
