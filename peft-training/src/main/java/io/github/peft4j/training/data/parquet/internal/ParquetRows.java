package io.github.peft4j.training.data.parquet.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.RowFormat;
import io.github.peft4j.training.data.internal.RowSources;
import java.nio.file.Path;
import java.util.List;

/** Files of Apache Parquet. */
public final class ParquetRows implements RowFormat {

    /** What DuckDB takes for a pattern of names, and has no way to write otherwise. */
    private static final String PATTERN = "*?[";

    @Override
    public List<String> extensions() {
        return List.of(".parquet");
    }

    @Override
    public RowSource source(Path file, RowSources.Options options) throws DataException {
        if (!DuckDb.present()) {
            throw new DataException(
                    "cannot read " + file + ": Parquet files are read by org.duckdb:duckdb_jdbc, which is"
                            + " not on the class path; add it, or write the rows as JSON Lines");
        }
        if (DuckDb.path(file).chars().anyMatch(c -> PATTERN.indexOf(c) >= 0)) {
            throw new DataException("cannot read " + file + ": the path of a Parquet file must have none of * ? and [,"
                    + " with which DuckDB would look for others; rename it");
        }
        return new ParquetSource(file);
    }
}
