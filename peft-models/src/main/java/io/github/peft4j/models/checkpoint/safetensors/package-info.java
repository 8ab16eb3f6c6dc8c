/**
 * Safetensors files, read and written.
 *
 * <p>Start with {@link io.github.peft4j.models.checkpoint.safetensors.SafetensorsFile}, {@link io.github.peft4j.models.checkpoint.safetensors.SafetensorsWriter}.
 */
@NullMarked
package io.github.peft4j.models.checkpoint.safetensors;

import org.jspecify.annotations.NullMarked;
