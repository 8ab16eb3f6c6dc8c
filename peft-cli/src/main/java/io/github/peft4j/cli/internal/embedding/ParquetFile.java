package io.github.peft4j.cli.internal.embedding;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.models.internal.output.TemporaryFile;
import io.github.peft4j.training.data.parquet.internal.DuckDb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** A Parquet file with a column {@code embedding}, a list of floats, written by DuckDB. */
final class ParquetFile implements VectorSink {

    private final TemporaryFile temporary;
    private final Path file;
    private final DuckDBConnection database;
    private final DuckDBAppender rows;

    private ParquetFile(TemporaryFile temporary, Path file, DuckDBConnection database, DuckDBAppender rows) {
        this.temporary = temporary;
        this.file = file;
        this.database = database;
        this.rows = rows;
    }

    /**
     * Checks that DuckDB is on the class path.
     *
     * @throws BadInput if it is not
     */
    static void requireLibrary() {
        if (!DuckDb.present()) {
            throw new BadInput("Parquet files are written by org.duckdb:duckdb_jdbc, which is not on the class path:"
                    + " add it, or name a .jsonl file");
        }
    }

    static ParquetFile create(Path file) throws IOException {
        Path whole = file.toAbsolutePath().normalize();
        TemporaryFile temporary =
                TemporaryFile.in(Objects.requireNonNull(whole.getParent()), String.valueOf(whole.getFileName()));
        DuckDBConnection database = null;
        boolean open = false;
        try {
            database = DuckDb.toWrite(temporary.path()).unwrap(DuckDBConnection.class);
            DuckDb.run(database, "CREATE TABLE vectors (embedding FLOAT[])");
            DuckDBAppender rows = database.createAppender("main", "vectors");
            open = true;
            return new ParquetFile(temporary, whole, database, rows);
        } catch (SQLException e) {
            throw failed(file, e);
        } finally {
            if (!open) {
                close(database);
                temporary.close();
            }
        }
    }

    private static IOException failed(Path file, SQLException e) {
        return new IOException("cannot write " + file + ": " + DuckDb.problem(e), e);
    }

    @Override
    public void add(float[] vector) throws IOException {
        try {
            rows.beginRow();
            rows.append(vector);
            rows.endRow();
        } catch (SQLException e) {
            throw failed(file, e);
        }
    }

    @Override
    public void finish() throws IOException {
        try {
            rows.close();
            String target = DuckDb.quoted(temporary.path());
            DuckDb.run(
                    database, "COPY vectors TO " + target + " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)");
        } catch (SQLException e) {
            throw failed(file, e);
        }
        temporary.channel().force(true);
        Files.move(temporary.path(), file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void close(@Nullable Connection database) throws IOException {
        try {
            if (database != null) {
                database.close();
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        try (temporary) {
            close(database);
        }
    }
}
