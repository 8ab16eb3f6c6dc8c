/**
 * Rotary positions beyond the trained length. Start with
 * {@link io.github.peft4j.models.nn.attention.internal.RotaryScaling}.
 */
@NullMarked
package io.github.peft4j.models.nn.attention.internal;

import org.jspecify.annotations.NullMarked;
