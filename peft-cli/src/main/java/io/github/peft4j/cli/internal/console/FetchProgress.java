package io.github.peft4j.cli.internal.console;

import io.github.peft4j.models.hub.internal.fetch.FetchListener;
import java.util.Locale;

/** Shows what comes from a hub or goes there: on a terminal as a bar in place, otherwise a line when it begins. */
final class FetchProgress implements FetchListener {

    private static final double MB = 1e6;
    private static final int BAR = 30;
    private static final long NANOSECONDS_BETWEEN = 200_000_000;

    private final Console console;
    private final String verb;
    private long planned;
    private long arrived;
    private long drawn;

    FetchProgress(Console console, String verb) {
        this.console = console;
        this.verb = verb;
    }

    @Override
    public synchronized void planned(int files, long bytes) {
        planned += bytes;
        if (!console.terminal()) {
            console.note(String.format(Locale.ROOT, "%s %d files, %,.1f MB", verb, files, bytes / MB));
        }
    }

    @Override
    public synchronized void arrived(long bytes) {
        arrived += bytes;
        long now = System.nanoTime();
        if (console.terminal() && (drawn == 0 || now - drawn > NANOSECONDS_BETWEEN)) {
            drawn = now;
            int done = (int) Math.max(0, Math.min(BAR, BAR * arrived / Math.max(1, planned)));
            console.err()
                    .print(String.format(
                            Locale.ROOT,
                            "\r\033[K%s [%s%s] %,.1f of %,.1f MB",
                            verb,
                            "=".repeat(done),
                            " ".repeat(BAR - done),
                            arrived / MB,
                            planned / MB));
            console.err().flush();
        }
    }

    @Override
    public synchronized void note(String text) {
        console.note(text);
    }

    @Override
    public synchronized void ended() {
        if (drawn != 0) {
            console.clearLine();
            drawn = 0;
        }
    }
}
