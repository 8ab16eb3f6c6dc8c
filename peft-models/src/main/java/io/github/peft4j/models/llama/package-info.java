/**
 * Llama: RMSNorm, rotary positions, grouped keys and values, gated feed-forward. Covers Llama 1 to 3 and checkpoints of the same
 * layout such as SmolLM2 and TinyLlama. Start with {@link io.github.peft4j.models.internal.architecture.llama.LlamaFamily}.
 */
@NullMarked
package io.github.peft4j.models.llama;

import org.jspecify.annotations.NullMarked;
