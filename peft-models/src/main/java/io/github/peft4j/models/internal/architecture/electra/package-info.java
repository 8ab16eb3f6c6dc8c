/**
 * ELECTRA: BERT's blocks behind embeddings that may be narrower; the discriminator of its two models is what one fine-tunes. Start with
 * {@link io.github.peft4j.models.internal.architecture.electra.ElectraFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.electra;

import org.jspecify.annotations.NullMarked;
