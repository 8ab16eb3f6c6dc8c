/**
 * Bloom: one fused projection laid out head by head, ALiBi positions, a norm on the embeddings, a tied head. Start with
 * {@link io.github.peft4j.models.internal.architecture.bloom.BloomFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.bloom;

import org.jspecify.annotations.NullMarked;
