package io.github.peft4j.cli.internal.streaming;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.training.data.cache.internal.TokenCache;
import java.nio.file.Path;
import java.util.Locale;

/** Says now and then how far the encoding of rows has come, which can take long. */
final class EncodingProgress implements TokenCache.Progress {

    private static final long BETWEEN_NS = 10_000_000_000L;

    private final Console console;
    private long said = System.nanoTime();

    EncodingProgress(Console console) {
        this.console = console;
    }

    @Override
    public void waiting(Path file) {
        console.note("data     waiting for another process that encodes the same rows into " + file);
    }

    @Override
    public void encoded(Path file, long rows, long tokens) {
        long now = System.nanoTime();
        if (now - said >= BETWEEN_NS) {
            said = now;
            console.note(String.format(Locale.ROOT, "data     encoded so far: %,d rows, %,d tokens", rows, tokens));
        }
    }
}
