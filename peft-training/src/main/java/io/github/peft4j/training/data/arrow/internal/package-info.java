/**
 * Rows of Apache Arrow's IPC format, streams and files alike, as Hugging Face's {@code datasets} writes them.
 *
 * <p>Start with {@link io.github.peft4j.training.data.arrow.internal.ArrowRows}. {@code ArrowMessages} finds the batches of a file, {@code ArrowField} says
 * what its columns are, {@code ColumnBuilder} makes of a batch a {@code Column} for each, whose values are read when they are asked for: of a batch,
 * however large, some pages are in memory.
 *
 * <p>The format's headers are read by Arrow's own classes ({@code arrow-format}); the columns not by its vectors ({@code arrow-vector}), which keep
 * a batch as a whole outside of the heap, at addresses that a damaged file gives, and only in a JVM that was started with
 * {@code --add-opens}. Here every read is one of a file, within the bounds of a buffer, which the column checks.
 */
@NullMarked
package io.github.peft4j.training.data.arrow.internal;

import org.jspecify.annotations.NullMarked;
