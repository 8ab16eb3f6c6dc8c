/**
 * Rows of Parquet files, read by DuckDB, which also writes such files: in this process, with the extension that lies in its library.
 *
 * <p>Start with {@link io.github.peft4j.training.data.parquet.internal.ParquetRows}. All that DuckDB may do is in
 * {@link io.github.peft4j.training.data.parquet.internal.DuckDb}. Its classes are needed once such a file is read or written.
 */
@NullMarked
package io.github.peft4j.training.data.parquet.internal;

import org.jspecify.annotations.NullMarked;
