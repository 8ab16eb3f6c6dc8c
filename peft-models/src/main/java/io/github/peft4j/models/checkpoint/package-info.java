/**
 * What is wrong with a model's or an adapter's files: {@link io.github.peft4j.models.checkpoint.CheckpointException}. How they are read and written is
 * {@link io.github.peft4j.models.checkpoint.internal}.
 */
@NullMarked
package io.github.peft4j.models.checkpoint;

import org.jspecify.annotations.NullMarked;
