package io.github.peft4j.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** How far a worker is: memory that it shares with whoever watches it, so that it is known even when it has died. */
final class Progress {

    private static final long DONE = Long.MIN_VALUE;

    private static final int READ = Long.BYTES;

    private static final int NANOSECONDS = 2 * Long.BYTES;

    private static final double PER_SECOND = 1e9;

    private final ByteBuffer shared;

    private Progress(ByteBuffer shared) {
        this.shared = shared;
    }

    static Progress in(Path work) throws IOException {
        try (FileChannel channel = FileChannel.open(
                work.resolve("progress"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            return new Progress(channel.map(MapMode.READ_WRITE, 0, 3 * Long.BYTES));
        }
    }

    /** A case begins, or whoever watches says where to go on. */
    void begin(long number) {
        shared.putLong(0, number);
    }

    /** Nothing has been counted. */
    void reset() {
        shared.putLong(READ, 0);
        shared.putLong(NANOSECONDS, 0);
    }

    /** A case is done. */
    void count(boolean read, long nanoseconds) {
        shared.putLong(READ, read() + (read ? 1 : 0));
        shared.putLong(NANOSECONDS, shared.getLong(NANOSECONDS) + nanoseconds);
    }

    /** All cases are done. */
    void end() {
        shared.putLong(0, DONE);
    }

    boolean isDone() {
        return shared.getLong(0) == DONE;
    }

    /** The case that is being read. */
    long number() {
        return shared.getLong(0);
    }

    /** How many files were read and not refused. */
    long read() {
        return shared.getLong(READ);
    }

    /** How long reading took, in seconds of one processor. */
    double seconds() {
        return shared.getLong(NANOSECONDS) / PER_SECOND;
    }
}
