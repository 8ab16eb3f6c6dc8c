package io.github.peft4j.models.hub.push.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/** Bytes that are sent, which can be read from any place as often as need be. */
public interface Content {

    /** How many there are. */
    long size();

    /**
     * A stream of them, which the caller closes.
     *
     * @param from the first
     */
    InputStream open(long from) throws IOException;

    /**
     * Checks that they are those that were there at first.
     *
     * @throws IOException if a file was changed meanwhile
     */
    void requireUnchanged() throws IOException;

    /** Bytes in memory, which must not be changed. */
    static Content of(byte[] bytes) {
        return new InMemory(bytes);
    }

    /** A file as it is now. */
    static Content of(Path file) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return new OfFile(file, now.size(), now.lastModifiedTime());
    }

    /**
     * All bytes at once, of what is small.
     *
     * @throws IOException if there are fewer by now
     */
    default byte[] bytes() throws IOException {
        try (InputStream in = open(0)) {
            byte[] bytes = in.readNBytes(Math.toIntExact(size()));
            if (bytes.length < size()) {
                requireUnchanged();
            }
            return bytes;
        }
    }

    /** Bytes in memory. */
    record InMemory(byte[] bytes) implements Content {

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public InputStream open(long from) {
            int start = Math.toIntExact(from);
            return new ByteArrayInputStream(bytes, start, bytes.length - start);
        }

        @Override
        public void requireUnchanged() {
            // Nobody changes them.
        }
    }

    /** A file. */
    record OfFile(Path file, long size, FileTime modified) implements Content {

        @Override
        public InputStream open(long from) throws IOException {
            FileChannel channel = FileChannel.open(file);
            try {
                return Channels.newInputStream(channel.position(from));
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        }

        @Override
        public void requireUnchanged() throws IOException {
            if (!Content.of(file).equals(this)) {
                throw new IOException(file + " was changed while it was sent: push again when it is complete");
            }
        }
    }
}
