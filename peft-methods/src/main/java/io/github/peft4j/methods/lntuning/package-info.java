/**
 * LN tuning: the norms are trained and nothing else, and saved whole: they replace those of the model. Merging only takes them over. The
 * smallest of methods; use it to adjust a model to a new kind of input that it otherwise knows what to do with, with a high learning rate.
 * Only one such adapter is active at a time.
 *
 * <p>Start with {@link io.github.peft4j.methods.lntuning.LnTuningConfig}.
 *
 * @see <a href="https://arxiv.org/abs/2312.11420">Zhao et al. 2024</a>
 */
@NullMarked
package io.github.peft4j.methods.lntuning;

import org.jspecify.annotations.NullMarked;
