/**
 * What a model learns from and is measured on: a {@link io.github.peft4j.models.batch.Row} with its
 * {@link io.github.peft4j.models.batch.Row.Target}, from the file to the loss, and the {@link io.github.peft4j.models.batch.Batch} of those
 * that are computed at once. Start with {@link io.github.peft4j.models.batch.Row}.
 */
@NullMarked
package io.github.peft4j.models.batch;

import org.jspecify.annotations.NullMarked;
