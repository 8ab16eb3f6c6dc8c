package io.github.peft4j.training.data.parquet.internal;

import io.github.peft4j.training.data.columnar.internal.Features;
import io.github.peft4j.training.data.columnar.internal.NumberedRows;
import io.github.peft4j.training.data.content.internal.FileFingerprint;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The rows of a file. */
record ParquetSource(Path file) implements NumberedRows {

    /** Row groups before the first row are passed over by what the file says of them. */
    private static final String ROWS = "SELECT * EXCLUDE (file_row_number)"
            + " FROM read_parquet(?, file_row_number = true, hive_partitioning = false) WHERE file_row_number >= ?";

    private static final String COLUMNS = "SELECT * FROM read_parquet(?, hive_partitioning = false) LIMIT 0";
    private static final String COUNT = "SELECT num_rows FROM parquet_file_metadata(?)";
    private static final String METADATA =
            "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = '" + Features.KEY + "'";

    /** Makes something of a statement about the file. */
    private interface Query<T> {

        T of(PreparedStatement statement) throws SQLException;
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public String fingerprint() throws IOException {
        return FileFingerprint.of(file);
    }

    @Override
    public Cursor open(@Nullable Position from) throws IOException {
        long first = from == null ? 0 : from.offset();
        Connection database = null;
        boolean open = false;
        try {
            database = DuckDb.toRead(file);
            PreparedStatement statement = database.prepareStatement(ROWS);
            statement.setString(1, DuckDb.path(file));
            statement.setLong(2, first);
            Cursor cursor = new ParquetCursor(this, database, statement.executeQuery(), first);
            open = true;
            return cursor;
        } catch (SQLException e) {
            throw unreadable(e);
        } finally {
            if (!open && database != null) {
                close(database);
            }
        }
    }

    /** Closes a database, and with it what was asked of it. */
    void close(Connection database) throws IOException {
        try {
            database.close();
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    /** What reports a problem of the file as a whole. */
    DataException unreadable(SQLException e) {
        return new DataException("cannot read " + file + " as Parquet: " + DuckDb.problem(e), e);
    }

    private <T> T ask(String query, Query<T> what) throws IOException {
        try (Connection database = DuckDb.toRead(file);
                PreparedStatement statement = database.prepareStatement(query)) {
            statement.setString(1, DuckDb.path(file));
            return what.of(statement);
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    @Override
    public long rows() throws IOException {
        return ask(COUNT, statement -> {
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? result.getLong(1) : 0L;
            }
        });
    }

    @Override
    public List<Column> columns() throws IOException {
        Features features = Features.ofMetadata(ask(METADATA, statement -> {
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? result.getString(1) : "";
            }
        }));
        return ask(COLUMNS, statement -> {
            try (ResultSet result = statement.executeQuery()) {
                ResultSetMetaData about = result.getMetaData();
                List<Column> columns = new ArrayList<>();
                for (int i = 1; i <= about.getColumnCount(); i++) {
                    String name = about.getColumnName(i);
                    columns.add(new Column(name, typeName(about.getColumnTypeName(i)), features.classes(name)));
                }
                return columns;
            }
        });
    }

    /** DuckDB's name of a type as {@code datasets} has it, where both have one. */
    private static String typeName(String type) {
        return switch (type) {
            case "VARCHAR" -> "string";
            case "BOOLEAN" -> "bool";
            case "TINYINT" -> "int8";
            case "SMALLINT" -> "int16";
            case "INTEGER" -> "int32";
            case "BIGINT" -> "int64";
            case "UTINYINT" -> "uint8";
            case "USMALLINT" -> "uint16";
            case "UINTEGER" -> "uint32";
            case "UBIGINT" -> "uint64";
            case "FLOAT" -> "float32";
            case "DOUBLE" -> "float64";
            default ->
                type.endsWith("[]")
                        ? "list<" + typeName(type.substring(0, type.length() - 2)) + ">"
                        : type.toLowerCase(Locale.ROOT);
        };
    }
}
