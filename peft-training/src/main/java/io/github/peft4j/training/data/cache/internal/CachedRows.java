package io.github.peft4j.training.data.cache.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DataReport;
import io.github.peft4j.training.data.internal.RowException;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Rows in a file, of which each can be had at any time; none of them is in memory. The file may come from anybody: whatever is read is checked.
 *
 * <p>Not read through a channel: that is closed when the thread is interrupted, which is how a run is asked to stop. Safe for concurrent use.
 */
public final class CachedRows implements AutoCloseable {

    /** More than the longest row that anybody could train on. */
    private static final int LONGEST = 1 << 28;

    /** Entries that are read at once where all are. */
    private static final int BLOCK = 4096;

    private final Path file;
    private final RandomAccessFile content;
    private final CacheFile.Trailer trailer;
    private final CacheFile.Description description;
    private final EncodingOptions options;

    private CachedRows(
            Path file,
            RandomAccessFile content,
            CacheFile.Trailer trailer,
            CacheFile.Description description,
            EncodingOptions options) {
        this.file = file;
        this.content = content;
        this.trailer = trailer;
        this.description = description;
        this.options = options;
    }

    /**
     * Opens a file.
     *
     * @param key of the rows that it is to have
     * @param options for rows of which it is
     * @throws IOException if it cannot be read, is damaged, or is of other rows
     */
    static CachedRows open(Path file, String key, EncodingOptions options) throws IOException {
        RandomAccessFile content = new RandomAccessFile(file.toFile(), "r");
        try {
            long size = content.length();
            if (size < CacheFile.HEADER + CacheFile.TRAILER
                    || !Arrays.equals(read(content, 0, CacheFile.HEADER), CacheFile.MAGIC)) {
                throw new IOException("it is no file of rows");
            }
            ByteBuffer end = ByteBuffer.wrap(read(content, size - CacheFile.TRAILER, CacheFile.TRAILER));
            CacheFile.Trailer trailer = CacheFile.Trailer.of(end, size);
            byte[] text =
                    read(content, trailer.description(), (int) (size - CacheFile.TRAILER - trailer.description()));
            trailer.require(end, text);
            CacheFile.Description description = CacheFile.Description.of(text);
            if (!description.key().equals(key)) {
                throw new IOException("it is of other rows");
            }
            if (description.report().rows() != trailer.rows()) {
                throw new IOException("it has " + trailer.rows() + " rows, but says that they are "
                        + description.report().rows());
            }
            return new CachedRows(file, content, trailer, description, options);
        } catch (IOException | RuntimeException e) {
            content.close();
            throw e;
        }
    }

    private static byte[] read(RandomAccessFile content, long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        content.seek(offset);
        content.readFully(bytes);
        return bytes;
    }

    /** The file. */
    public Path file() {
        return file;
    }

    /** How many there are, at least one. */
    public int count() {
        return (int) trailer.rows();
    }

    /** What there was when they were read. */
    public DataReport report() {
        return description.report();
    }

    /** {@link io.github.peft4j.training.data.content.internal.RowDigest} of all of them. */
    public String digest() {
        return description.digest();
    }

    /**
     * Tokens of every row, by its number.
     *
     * @throws DataException if the file cannot be read, or is damaged
     */
    public int[] tokens() throws DataException {
        int[] tokens = new int[count()];
        try {
            for (int start = 0; start < tokens.length; start += BLOCK) {
                int rows = Math.min(BLOCK, tokens.length - start);
                ByteBuffer entries = ByteBuffer.wrap(bytes(entry(start), rows * CacheFile.Entry.BYTES));
                for (int i = start; i < start + rows; i++) {
                    tokens[i] = CacheFile.Entry.of(entries).tokens();
                    if (tokens[i] < 1) {
                        throw damaged(i, tokens[i] + " tokens");
                    }
                }
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
        return tokens;
    }

    /**
     * A row.
     *
     * @param number from 0
     * @throws DataException if the file cannot be read, or the row is damaged, or none that the options allow
     */
    public Row row(int number) throws DataException {
        if (number < 0 || number >= count()) {
            throw new IndexOutOfBoundsException("no row " + number + " of " + count());
        }
        try {
            boolean last = number == count() - 1;
            ByteBuffer entries = ByteBuffer.wrap(bytes(entry(number), (last ? 1 : 2) * CacheFile.Entry.BYTES));
            CacheFile.Entry entry = CacheFile.Entry.of(entries);
            long end = last ? trailer.entries() : CacheFile.Entry.of(entries).offset();
            if (entry.offset() < CacheFile.HEADER
                    || end <= entry.offset()
                    || end > trailer.entries()
                    || end - entry.offset() > LONGEST) {
                throw damaged(number, "bytes from " + entry.offset() + " to " + end);
            }
            byte[] bytes = bytes(entry.offset(), (int) (end - entry.offset()));
            if (CacheFile.checksum(number, entry.tokens(), bytes) != entry.checksum()) {
                throw damaged(number, "another checksum");
            }
            Row row = RowBytes.row(ByteBuffer.wrap(bytes));
            if (row.tokens() != entry.tokens()) {
                throw damaged(number, row.tokens() + " tokens in place of " + entry.tokens());
            }
            requireUsable(row);
            return row;
        } catch (IllegalArgumentException | RowException e) {
            throw damaged(number, String.valueOf(e.getMessage()));
        } catch (DataException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Checks that the model has all ids and labels: its kernels rely on that. */
    private void requireUsable(Row row) throws RowException {
        options.requireInVocabulary(row.sequences().toArray(int[][]::new));
        EncodingOptions.RowLabels labels = options.labels();
        SequenceHead.@Nullable Labels names = labels == null ? null : labels.names();
        int outputs = names == null ? options.vocabularySize() : names.count();
        int largest = row.target() instanceof Row.Target.PerToken each
                ? Arrays.stream(each.labels()).max().orElse(0)
                : row.target() instanceof Row.Target.Label label ? label.id() : 0;
        if (largest >= outputs) {
            throw new IllegalArgumentException("the label " + largest + ", where there are " + outputs);
        }
    }

    private long entry(int number) {
        return trailer.entries() + (long) number * CacheFile.Entry.BYTES;
    }

    private synchronized byte[] bytes(long offset, int length) throws IOException {
        return read(content, offset, length);
    }

    private DataException damaged(int number, String found) {
        return new DataException(file + " is damaged: row " + number + " has " + found
                + ". Remove the file, and the rows are encoded anew");
    }

    private DataException unreadable(IOException e) {
        String why = e instanceof EOFException ? "it became shorter while it was read" : FileProblem.of(e);
        return new DataException("cannot read the rows in " + file + ": " + why, e);
    }

    @Override
    public void close() {
        try {
            content.close();
        } catch (IOException e) {
            // A file that was only read has nothing left to lose.
        }
    }
}
