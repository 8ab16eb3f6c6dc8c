package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows from files: JSON Lines, or one list of objects ({@code .jsonl}, {@code .ndjson}, {@code .json}). Every row is read before any
 * is used, and all that cannot be used are named in one message with file, line and reason.
 */
public final class RowReader {

    /** Bytes of a line of plain text. */
    private static final int LONGEST_LINE = 32 << 20;

    /** Makes something of a row. */
    @FunctionalInterface
    public interface Mapping<T> {

        /**
         * What a row is.
         *
         * @return null to leave the row out
         * @throws RowException if the row cannot be used
         * @throws CheckpointException if something of the checkpoint that rows need cannot be read
         */
        @Nullable
        T of(FileRow row) throws RowException, CheckpointException;
    }

    private RowReader() {}

    /** Whether a file's name says that it holds rows. */
    public static boolean reads(Path file) {
        return RowFormats.name(file);
    }

    /**
     * Reads files.
     *
     * @param files in the order in which their rows are to come
     * @param mapping what becomes of each row
     * @throws DataException if a file cannot be read or rows cannot be used
     * @throws CheckpointException from the mapping
     */
    public static <T> List<T> read(List<Path> files, Mapping<T> mapping) throws DataException, CheckpointException {
        Problems problems = new Problems();
        List<T> all = new ArrayList<>();
        for (Path file : files) {
            RowFormat format = RowFormats.of(file);
            RowFormat.RowConsumer rows = new RowFormat.RowConsumer() {
                @Override
                public void row(long line, FileRow row) throws CheckpointException, DataException {
                    try {
                        T made = mapping.of(row);
                        if (made != null) {
                            all.add(made);
                        }
                    } catch (RowException e) {
                        problem(line, e);
                    }
                }

                @Override
                public void problem(long line, RowException problem) throws DataException {
                    problems.add(file, line, problem);
                }
            };
            try {
                format.read(file, rows);
            } catch (CheckpointException | DataException e) {
                throw e;
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }
        problems.throwIfAny();
        return all;
    }

    /**
     * Reads the lines of a text in UTF-8, those that are not blank.
     *
     * @throws DataException if the file cannot be read
     */
    public static List<String> lines(Path file) throws DataException {
        if (!Files.exists(file)) {
            throw new DataException("there is no file " + file);
        }
        if (!Files.isRegularFile(file)) {
            throw new DataException(file + " is not a regular file");
        }
        List<String> texts = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            LineReader lines = new LineReader(file, in, LONGEST_LINE);
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                String text = text(file, line, lines.number());
                if (!text.isBlank()) {
                    texts.add(text);
                }
            }
        } catch (DataException e) {
            throw e;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        return texts;
    }

    private static DataException unreadable(Path file, IOException e) {
        return new DataException("cannot read " + file + ": " + FileProblem.of(e), e);
    }

    private static String text(Path file, byte[] line, long number) throws DataException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
            return number == 1 && text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new DataException(file + ": line " + number + " is not valid UTF-8", e);
        }
    }
}
