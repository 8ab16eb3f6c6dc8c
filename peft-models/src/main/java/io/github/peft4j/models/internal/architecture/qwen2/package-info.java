/**
 * Qwen2: Llama's layout with biases on the three input projections of attention. Start with
 * {@link io.github.peft4j.models.internal.architecture.qwen2.Qwen2Family}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.qwen2;

import org.jspecify.annotations.NullMarked;
