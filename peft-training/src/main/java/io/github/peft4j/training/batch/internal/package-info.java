/**
 * Ways to cut rows into micro-batches. Start with {@link io.github.peft4j.training.batch.internal.RowBatches}.
 */
@NullMarked
package io.github.peft4j.training.batch.internal;

import org.jspecify.annotations.NullMarked;
