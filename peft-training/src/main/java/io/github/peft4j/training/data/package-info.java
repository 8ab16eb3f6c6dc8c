/**
 * Training data: rows in files to token ids and labels, and those to batches.
 *
 * <p>Start with {@link io.github.peft4j.training.data.ExampleReader}, which reads files, and
 * {@link io.github.peft4j.training.data.Batches}, which takes examples in order or shuffled. Nothing here needs an engine.
 */
@NullMarked
package io.github.peft4j.training.data;

import org.jspecify.annotations.NullMarked;
