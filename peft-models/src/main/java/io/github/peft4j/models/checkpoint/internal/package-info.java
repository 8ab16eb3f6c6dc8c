/**
 * Model files: named tensors read in place from safetensors and PyTorch files, and written back without losing what was there.
 *
 * <p>Start with {@link io.github.peft4j.models.checkpoint.internal.Checkpoint}, which opens a model folder or a single file of any
 * supported form. {@link io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter} and
 * {@link io.github.peft4j.models.checkpoint.internal.sharded.ShardedWriter} write;
 * {@link io.github.peft4j.models.checkpoint.internal.AtomicWrite} is how every file of the project reaches the disk.
 *
 * <p>Each {@link io.github.peft4j.models.checkpoint.internal.CheckpointForm} has a room: {@code safetensors}, {@code sharded}, {@code pickle}.
 *
 * <p>Nothing here needs an engine. Files are treated as hostile: a bad one gives a
 * {@link io.github.peft4j.models.checkpoint.CheckpointException} with one clear line and never runs code from the file.
 */
@NullMarked
package io.github.peft4j.models.checkpoint.internal;

import org.jspecify.annotations.NullMarked;
