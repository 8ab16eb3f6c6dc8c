/**
 * Safetensors files, read and written.
 *
 * <p>Start with {@link io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsFile}, {@link io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter}.
 */
@NullMarked
package io.github.peft4j.models.checkpoint.internal.safetensors;

import org.jspecify.annotations.NullMarked;
