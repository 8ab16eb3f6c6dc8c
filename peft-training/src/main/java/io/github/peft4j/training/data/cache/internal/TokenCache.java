package io.github.peft4j.training.data.cache.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.internal.output.SharedLock;
import io.github.peft4j.models.internal.output.TemporaryFile;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.content.internal.RowDigest;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DataReport;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of files of rows ({@link CachedRows}). A file's name follows from all that decides what its rows are, so whatever was changed is encoded anew, and what was not is there for
 * later runs at once. A file is there as a whole or not at all; of two processes that want the same one makes it and the other waits.
 */
public final class TokenCache {

    private static final Logger LOG = LoggerFactory.getLogger(TokenCache.class);

    private static final int BUFFER = 1 << 20;

    private final Path folder;
    private final Progress progress;

    /** Told while rows are encoded. */
    public interface Progress {

        /** Nobody is told. */
        Progress NONE = new Progress() {};

        /** Another process makes the same file, and is waited for. */
        default void waiting(Path file) {}

        /**
         * Rows are being encoded.
         *
         * @param file where they are to be
         * @param rows so far
         * @param tokens so far
         */
        default void encoded(Path file, long rows, long tokens) {}
    }

    /**
     * A folder.
     *
     * @param folder made when the first file is
     */
    public TokenCache(Path folder, Progress progress) {
        this.folder = folder;
        this.progress = progress;
    }

    /**
     * The rows of a feed's first pass, encoded now if they are not there.
     *
     * @return what the caller closes
     * @throws io.github.peft4j.training.data.internal.DataException if a source cannot be read, rows cannot be used, or none is left
     * @throws io.github.peft4j.models.checkpoint.CheckpointException if something of the checkpoint that rows need cannot be read
     * @throws IOException if the file cannot be written; the folder is then as it was
     * @throws IllegalArgumentException if the tokenizer cannot be told from others
     */
    public CachedRows rows(RowFeed feed, EncodingOptions options) throws IOException {
        String key = CacheKey.of(feed, options);
        Path file = folder.resolve(CacheKey.fileName(key));
        @Nullable CachedRows found = found(file, key, options);
        if (found != null) {
            return found;
        }
        try (SharedLock lock = lock(file)) {
            @Nullable CachedRows made = found(file, key, options);
            if (made != null) {
                return made;
            }
            AtomicWrite.toFile(file, channel -> write(channel, file, key, feed, options));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return CachedRows.open(file, key, options);
    }

    private SharedLock lock(Path file) throws IOException {
        try {
            return SharedLock.take(folder.resolve(file.getFileName() + ".lock"), () -> progress.waiting(file));
        } catch (FileSystemException e) {
            throw new IOException("cannot write rows into " + folder + ": " + FileProblem.of(e), e);
        }
    }

    /** The rows in a file, or null if they are not there, or it is none of such rows. */
    private static @Nullable CachedRows found(Path file, String key, EncodingOptions options) {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return CachedRows.open(file, key, options);
        } catch (IOException e) {
            LOG.warn("the rows in {} cannot be used, and are encoded anew: {}", file, FileProblem.of(e));
            return null;
        }
    }

    private void write(FileChannel channel, Path file, String key, RowFeed feed, EncodingOptions options)
            throws IOException {
        // The entries follow the rows, and are too many for memory: meanwhile they are beside them.
        try (TemporaryFile entries = TemporaryFile.in(folder, file.getFileName() + ".entries")) {
            Writing writing = new Writing(channel, entries.channel());
            DataReport report = feed.read(options, row -> {
                writing.add(row);
                progress.encoded(file, writing.number, writing.tokens);
            });
            writing.finish(key, report, entries.path());
        } catch (DataException e) {
            // It is the rows that are wrong, not the file that cannot be written.
            throw new UncheckedIOException(e);
        }
    }

    /** A file that is being written. */
    private static final class Writing {

        private final OutputStream rows;
        private final OutputStream entries;
        private final RowDigest digest = new RowDigest();
        private final ByteBuffer entry = ByteBuffer.allocate(CacheFile.Entry.BYTES);
        private long offset = CacheFile.HEADER;
        private long number;
        private long tokens;

        Writing(FileChannel file, FileChannel entries) throws IOException {
            this.rows = buffered(file);
            this.entries = buffered(entries);
            rows.write(CacheFile.MAGIC);
        }

        private static OutputStream buffered(FileChannel channel) {
            return new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
        }

        void add(Row row) throws IOException {
            byte[] bytes = RowBytes.of(row);
            int length = row.tokens();
            new CacheFile.Entry(offset, length, CacheFile.checksum(number, length, bytes)).put(entry.clear());
            entries.write(entry.array());
            rows.write(bytes);
            digest.add(row);
            offset += bytes.length;
            number++;
            tokens += length;
        }

        void finish(String key, DataReport report, Path entriesFile) throws IOException {
            entries.flush();
            Files.copy(entriesFile, rows);
            long description = offset + number * CacheFile.Entry.BYTES;
            byte[] text = new CacheFile.Description(key, digest.digits(), report).bytes();
            rows.write(text);
            rows.write(new CacheFile.Trailer(offset, description).bytes(text).array());
            rows.flush();
        }
    }
}
