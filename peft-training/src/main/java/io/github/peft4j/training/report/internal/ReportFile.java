package io.github.peft4j.training.report.internal;

import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A file of a report that is written as a whole, and again as the run goes on. */
public final class ReportFile {

    /** Makes what a file is to hold. */
    @FunctionalInterface
    public interface Content {
        /** The bytes. */
        byte[] bytes() throws IOException;
    }

    private ReportFile() {}

    /**
     * Puts a file in the place of what is there, as a whole or not at all.
     *
     * @throws UncheckedIOException if that fails; what was there stays
     */
    public static void write(Path file, Content content) {
        // A channel fails on an interrupted thread, what draws may forget that it is one, and the report of an
        // interrupted run is wanted too.
        boolean interrupted = Thread.interrupted();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(content.bytes());
            AtomicWrite.toFile(file, channel -> {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
