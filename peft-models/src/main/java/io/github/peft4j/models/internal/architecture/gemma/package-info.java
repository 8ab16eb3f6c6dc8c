/**
 * Gemma: Llama's layout with norms that multiply by 1 + w, scaled embeddings, and gelu in the gate. Start with
 * {@link io.github.peft4j.models.internal.architecture.gemma.GemmaFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.gemma;

import org.jspecify.annotations.NullMarked;
