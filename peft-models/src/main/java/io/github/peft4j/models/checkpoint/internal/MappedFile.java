package io.github.peft4j.models.checkpoint.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * A file whose regions are mapped when first asked for. Every mapping is held until {@link #close}, since native code may use its
 * address without Java noticing; it is never unmapped by force.
 */
public final class MappedFile implements AutoCloseable {

    private static final int STREAM_BUFFER = 1 << 16;

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final Map<Region, ByteBuffer> regions = new HashMap<>();
    private boolean closed;

    private record Region(long offset, long length) {}

    /** Something that can be read from a position, as a file channel is. */
    interface Source {
        int read(ByteBuffer target, long position) throws IOException;
    }

    private MappedFile(Path path, FileChannel channel, long size) {
        this.path = path;
        this.channel = channel;
        this.size = size;
    }

    public static MappedFile open(Path path) throws CheckpointException {
        InputFile.requireRegular(path);
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            return new MappedFile(path, channel, channel.size());
        } catch (IOException e) {
            throw new CheckpointException("cannot open " + path + ": " + FileProblem.of(e), e);
        }
    }

    public Path path() {
        return path;
    }

    public long size() {
        return size;
    }

    /** Reads a small region onto the heap; the caller has checked that it lies within the file. */
    public byte[] read(long offset, int length) throws CheckpointException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        copy(offset, length, buffer);
        return buffer.array();
    }

    /** A region read bit by bit, so that however long it is, little of it is on the heap; the caller has checked that it lies within the file. */
    public InputStream stream(long offset, long length) {
        return new InputStream() {
            private final ByteBuffer buffer =
                    ByteBuffer.allocate((int) Math.min(STREAM_BUFFER, length)).flip();
            private long next = offset;

            @Override
            public int read() throws IOException {
                return fill() ? buffer.get() & 0xff : -1;
            }

            @Override
            public int read(byte[] target, int from, int count) throws IOException {
                if (count == 0) {
                    return 0;
                }
                if (!fill()) {
                    return -1;
                }
                int some = Math.min(count, buffer.remaining());
                buffer.get(target, from, some);
                return some;
            }

            private boolean fill() throws IOException {
                if (!buffer.hasRemaining()) {
                    int some = (int) Math.min(buffer.capacity(), offset + length - next);
                    copy(next, some, buffer.clear());
                    buffer.flip();
                    next += some;
                }
                return buffer.hasRemaining();
            }
        };
    }

    /** Reads a region behind a buffer's position; the caller has checked that it lies within the file. */
    void copy(long offset, int length, ByteBuffer target) throws CheckpointException {
        requireOpen();
        ByteBuffer part = target.slice(target.position(), length);
        try {
            readFully(channel::read, part, offset);
            target.position(target.position() + length);
        } catch (EOFException e) {
            throw new CheckpointException(
                    path + " became shorter while it was read: expected " + size + " bytes, found " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + path + ": " + FileProblem.of(e), e);
        }
    }

    /** Fills a buffer, however little a single read brings; the exception at the end of the file names its position. */
    static void readFully(Source source, ByteBuffer buffer, long offset) throws IOException {
        while (buffer.hasRemaining()) {
            long at = offset + buffer.position();
            if (source.read(buffer, at) < 0) {
                throw new EOFException(String.valueOf(at));
            }
        }
    }

    /**
     * Maps a region, or returns a further view of its mapping.
     *
     * @throws CheckpointException if the region does not lie within the file or has 2 GiB or more
     */
    public synchronized ByteBuffer map(long offset, long length) throws CheckpointException {
        requireOpen();
        if (offset < 0 || length < 0 || offset > size - length || length > Integer.MAX_VALUE) {
            throw new CheckpointException(
                    path + ": cannot map " + length + " bytes at " + offset + " of a file of " + size + " bytes");
        }
        Region region = new Region(offset, length);
        ByteBuffer mapped = regions.get(region);
        if (mapped == null) {
            try {
                mapped = channel.map(MapMode.READ_ONLY, offset, length);
            } catch (IOException e) {
                throw new CheckpointException(
                        "cannot map " + length + " bytes at " + offset + " of " + path + ": " + FileProblem.of(e), e);
            }
            regions.put(region, mapped);
        }
        return mapped.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the checkpoint " + path + " is closed");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        regions.clear();
        try {
            channel.close();
        } catch (IOException e) {
            // A channel that was only read has nothing left to lose.
        }
    }
}
