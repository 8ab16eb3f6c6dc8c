/**
 * P-tuning: embeddings of virtual tokens stand before every row, as in prompt tuning, but a small network computes them from embeddings of
 * its own, and both are trained. That makes them easier to train, for a larger optimiser state; what is used and saved is the outcome
 * alone. The network is a perceptron or a bidirectional LSTM. Use it where prompt tuning learns too slowly.
 *
 * <p>Start with {@link io.github.peft4j.methods.ptuning.PTuningConfig}.
 *
 * @see <a href="https://arxiv.org/abs/2103.10385">Liu et al. 2021</a>
 */
@NullMarked
package io.github.peft4j.methods.ptuning;

import org.jspecify.annotations.NullMarked;
