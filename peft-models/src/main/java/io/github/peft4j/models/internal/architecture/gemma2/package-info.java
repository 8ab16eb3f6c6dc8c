/**
 * Gemma 2: Gemma with norms on both sides of each part, soft bounds of scores and logits, and a window in every other layer. Start with
 * {@link io.github.peft4j.models.internal.architecture.gemma2.Gemma2Family}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.gemma2;

import org.jspecify.annotations.NullMarked;
