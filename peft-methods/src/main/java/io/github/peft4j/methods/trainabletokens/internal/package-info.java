/**
 * How trainable tokens adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.trainabletokens.internal.TrainableTokensMethod}.
 */
@NullMarked
package io.github.peft4j.methods.trainabletokens.internal;

import org.jspecify.annotations.NullMarked;
