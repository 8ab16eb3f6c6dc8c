/**
 * Qwen3: Llama's layout with norms of each head's queries and keys, heads of any size, and windows layer by layer. Start with
 * {@link io.github.peft4j.models.internal.architecture.qwen3.Qwen3Family}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.qwen3;

import org.jspecify.annotations.NullMarked;
