/**
 * GPT-2: learned positions, one fused projection in three blocks, linear layers whose weights lie transposed. Start with
 * {@link io.github.peft4j.models.internal.architecture.gpt2.Gpt2Family}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.gpt2;

import org.jspecify.annotations.NullMarked;
