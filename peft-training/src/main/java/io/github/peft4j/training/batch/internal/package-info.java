/**
 * From rows to the micro-batches of a step. Start with {@link io.github.peft4j.training.batch.internal.BatchSource}.
 */
@NullMarked
package io.github.peft4j.training.batch.internal;

import org.jspecify.annotations.NullMarked;
