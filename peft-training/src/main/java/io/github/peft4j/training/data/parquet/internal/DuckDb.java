package io.github.peft4j.training.data.parquet.internal;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Opens DuckDB, a database within this process, for one file: it may open no other, loads and installs no extensions, writes nothing elsewhere, and no
 * statement changes that.
 */
public final class DuckDb {

    /** What reading may keep in memory: some pages of each column. */
    private static final String MEMORY_TO_READ = "512MB";

    private DuckDb() {}

    /** Whether it is on the class path. */
    public static boolean present() {
        try {
            Class.forName("org.duckdb.DuckDBDriver", false, DuckDb.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /**
     * Opens an empty database in memory, to read a file. Results come row by row.
     *
     * @param file the only one that it may open
     * @throws SQLException if it cannot start
     */
    public static Connection toRead(Path file) throws SQLException {
        Properties settings = settings();
        settings.setProperty("jdbc_stream_results", "true");
        settings.setProperty("memory_limit", MEMORY_TO_READ);
        return open(file, settings);
    }

    /**
     * Opens an empty database in memory, to write a file.
     *
     * @param file the only one that it may open
     * @throws SQLException if it cannot start
     */
    public static Connection toWrite(Path file) throws SQLException {
        return open(file, settings());
    }

    private static Properties settings() {
        Properties settings = new Properties();
        settings.setProperty("autoinstall_known_extensions", "false");
        settings.setProperty("autoload_known_extensions", "false");
        settings.setProperty("temp_directory", "");
        settings.setProperty("threads", "1");
        return settings;
    }

    private static Connection open(Path file, Properties settings) throws SQLException {
        Connection database = DriverManager.getConnection("jdbc:duckdb:", settings);
        try {
            run(
                    database,
                    "SET allowed_paths = [" + quoted(file) + "]",
                    "SET enable_external_access = false",
                    "SET lock_configuration = true");
            return database;
        } catch (SQLException e) {
            database.close();
            throw e;
        }
    }

    /** A file's path as a text in a statement, for those that take no parameters. */
    public static String quoted(Path file) {
        return "'" + path(file).replace("'", "''") + "'";
    }

    /** How it is told of a file. */
    static String path(Path file) {
        return file.toAbsolutePath().normalize().toString();
    }

    /** Runs statements. */
    public static void run(Connection database, String... statements) throws SQLException {
        try (Statement statement = database.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    /** What it says is wrong, without the lines that show where in a statement. */
    public static String problem(SQLException e) {
        @Nullable String message = e.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.lines().findFirst().orElse("").strip();
    }
}
