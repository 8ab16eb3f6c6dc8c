/** Losses that several heads share. Start with {@link io.github.peft4j.models.internal.loss.TokenLoss}. */
@NullMarked
package io.github.peft4j.models.internal.loss;

import org.jspecify.annotations.NullMarked;
