package io.github.peft4j.cli.internal.embedding;

import io.github.peft4j.cli.internal.console.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Takes vectors one by one. What it has taken counts once it is {@link #finish finished}; closed before that, it leaves nothing. */
interface VectorSink extends AutoCloseable {

    /** Takes the next one. */
    void add(float[] vector) throws IOException;

    /** Makes them count. */
    void finish() throws IOException;

    @Override
    void close() throws IOException;

    /** What the name of a file of vectors may end in. */
    static boolean names(Path file) {
        return parquet(file) || file.toString().toLowerCase(Locale.ROOT).endsWith(".jsonl");
    }

    private static boolean parquet(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".parquet");
    }

    /**
     * Checks, before any work is done, that a file can be written.
     *
     * @throws BadInput if its name says nothing of its format, it is there already, or its folder is not
     */
    static void requireWritable(Path file) {
        if (!names(file)) {
            throw new BadInput("--output: expected a file whose name ends in .jsonl or .parquet, got " + file);
        }
        if (Files.exists(file)) {
            throw new BadInput("the output file " + file + " is there already: choose another, or remove it");
        }
        Path folder = file.toAbsolutePath().normalize().getParent();
        if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new BadInput("the output file " + file + " cannot be written: " + folder
                    + (folder != null && Files.isDirectory(folder) ? " does not let you write" : " is no folder"));
        }
        if (parquet(file)) {
            ParquetFile.requireLibrary();
        }
    }

    /** A file that is not there yet. */
    static VectorSink of(Path file) throws IOException {
        return parquet(file) ? ParquetFile.create(file) : JsonLinesFile.create(file);
    }
}
