/**
 * Training data: rows in files to {@link io.github.peft4j.models.batch.Row}s, and the order in which these are trained on.
 *
 * <p>Start with {@link io.github.peft4j.training.data.Dataset}, which reads files, and
 * {@link io.github.peft4j.training.batch.internal.BatchOrder}, which takes rows in order or shuffled. Nothing here needs an engine.
 */
@NullMarked
package io.github.peft4j.training.data;

import org.jspecify.annotations.NullMarked;
