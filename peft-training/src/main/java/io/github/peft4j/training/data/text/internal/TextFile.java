package io.github.peft4j.training.data.text.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.content.internal.FileFingerprint;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file of text that holds rows, perhaps compressed.
 *
 * @param syntax how rows are written in it
 */
record TextFile(Path file, Compression compression, Syntax syntax) implements RowSource {

    /** A file that is compressed as its name says. */
    TextFile(Path file, Syntax syntax) {
        this(file, Compression.of(file), syntax);
    }

    /** Where there is nothing more to read, whatever the file still holds. */
    static final Position END = new Position(Long.MAX_VALUE, Long.MAX_VALUE);

    /** How rows are written in a text. */
    @FunctionalInterface
    interface Syntax {

        /**
         * Begins to read. The cursor closes the streams that it opens.
         *
         * @param from the place of a cursor of this file, or the beginning
         */
        Cursor open(TextFile text, Position from) throws IOException;
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public Cursor open(@Nullable Position from) throws IOException {
        Position start = from == null ? Position.START : from;
        return start.equals(END) ? new Ended() : syntax.open(this, start);
    }

    @Override
    public String fingerprint() throws IOException {
        return FileFingerprint.of(file);
    }

    /** The text from one of its bytes on. */
    InputStream from(long offset) throws IOException {
        FileChannel channel = FileChannel.open(file);
        try {
            if (compression == Compression.NONE) {
                return Channels.newInputStream(channel.position(offset));
            }
            InputStream text = compression.open(Channels.newInputStream(channel));
            text.skipNBytes(offset);
            return text;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The problem that a text is not UTF-8, with the line where it is not. */
    DataException notUtf8(Exception cause) throws IOException {
        long number = 0;
        try (LineReader lines = LineReader.open(this, Position.START, 1 << 27)) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                number = lines.position().line();
                lines.decoded(line);
            }
        } catch (CharacterCodingException e) {
            // This is the line.
        }
        return new DataException(file + ": line " + number + " is not valid UTF-8", cause);
    }

    /** A cursor behind all rows. */
    private static final class Ended implements Cursor {

        @Override
        public @Nullable Item next() {
            return null;
        }

        @Override
        public Position position() {
            return END;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
