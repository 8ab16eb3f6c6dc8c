package io.github.peft4j.cli;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Interruption;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** A console on which Ctrl-C is pressed after some lines of output. */
final class StopAfter {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int lines;
    private final Interruption interruption;

    StopAfter(int lines, Interruption interruption) {
        this.lines = lines;
        this.interruption = interruption;
    }

    Console console() {
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8) {
            @Override
            public void println(String line) {
                super.println(line);
                if (text().lines().count() == lines) {
                    interruption.arrived(2);
                }
            }
        };
        PrintStream err = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        return new Console(InputStream.nullInputStream(), out, err, 0);
    }

    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
