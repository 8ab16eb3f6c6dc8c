package io.github.peft4j.cli.internal.embedding;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.models.internal.output.TemporaryFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file with a column {@code embedding}, a list of floats, written by DuckDB: in this process, with the extension that lies in its library,
 * and with none that it would load or install.
 */
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
        try {
            Class.forName("org.duckdb.DuckDBDriver");
        } catch (ClassNotFoundException e) {
            throw new BadInput(
                    "Parquet files are written by org.duckdb:duckdb_jdbc, which is not on the class path:"
                            + " add it, or name a .jsonl file",
                    e);
        }
    }

    static ParquetFile create(Path file) throws IOException {
        Path whole = file.toAbsolutePath().normalize();
        TemporaryFile temporary =
                TemporaryFile.in(Objects.requireNonNull(whole.getParent()), String.valueOf(whole.getFileName()));
        DuckDBConnection database = null;
        boolean open = false;
        try {
            database = DriverManager.getConnection("jdbc:duckdb:").unwrap(DuckDBConnection.class);
            run(
                    database,
                    "SET autoinstall_known_extensions = false",
                    "SET autoload_known_extensions = false",
                    "SET temp_directory = ''",
                    "SET threads = 1",
                    "CREATE TABLE vectors (embedding FLOAT[])");
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

    private static void run(Connection database, String... statements) throws SQLException {
        try (Statement statement = database.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    private static IOException failed(Path file, SQLException e) {
        return new IOException("cannot write " + file + ": " + e.getMessage(), e);
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
        String path = temporary.path().toString().replace("'", "''");
        try {
            rows.close();
            run(database, "COPY vectors TO '" + path + "' (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)");
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
