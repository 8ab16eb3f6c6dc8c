/**
 * Attention and what it is composed of: projections, positions, scores. Start with {@link io.github.peft4j.models.nn.attention.Attention}.
 */
@NullMarked
package io.github.peft4j.models.nn.attention;

import org.jspecify.annotations.NullMarked;
