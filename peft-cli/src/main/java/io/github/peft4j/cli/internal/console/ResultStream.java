package io.github.peft4j.cli.internal.console;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** Standard output, which remembers what went wrong when it was written: a {@code PrintStream} over it only knows that something did. */
public final class ResultStream extends OutputStream {

    private final OutputStream target;
    private volatile @Nullable IOException failure;

    public ResultStream(OutputStream target) {
        this.target = target;
    }

    /** What went wrong first, or null. */
    @Nullable
    public IOException failure() {
        return failure;
    }

    /** Whether the reader went away, as {@code head} does when it has seen enough. */
    public boolean readerWentAway() {
        IOException e = failure;
        return e != null && e.getMessage() != null && e.getMessage().contains("pipe");
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        try {
            target.write(bytes, from, count);
        } catch (IOException e) {
            failure = failure == null ? e : failure;
            throw e;
        }
    }
}
