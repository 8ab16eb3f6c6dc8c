/**
 * Trainable tokens: the vectors of a few tokens are trained, in the embedding and in an output layer that shares its weight, while the
 * rest of the table stays. What is saved are those vectors, not the table. Use it to give a model new tokens, or a known one another
 * meaning, with a high learning rate; beside another method where more is to be learnt than words.
 *
 * <p>Start with {@link io.github.peft4j.methods.trainabletokens.TrainableTokensConfig}.
 */
@NullMarked
package io.github.peft4j.methods.trainabletokens;

import org.jspecify.annotations.NullMarked;
