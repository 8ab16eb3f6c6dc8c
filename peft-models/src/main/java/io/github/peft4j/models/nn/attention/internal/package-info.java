/**
 * Attention and what it is composed of: projections, positions, scores, and rotary positions beyond the trained length. Start with
 * {@link io.github.peft4j.models.nn.attention.internal.Attention}.
 */
@NullMarked
package io.github.peft4j.models.nn.attention.internal;

import org.jspecify.annotations.NullMarked;
