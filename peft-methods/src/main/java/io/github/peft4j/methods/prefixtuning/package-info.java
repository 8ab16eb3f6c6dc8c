/**
 * Prefix tuning: every layer's attention sees trained keys and values before those of a row; they are all that is trained and saved, or a
 * small network that computes them is. It reaches deeper than prompt tuning and does not lengthen rows, but random prefixes begin far from
 * anything the model knows: raise the learning rate, or let them begin at zero. Use it for generation from structured input.
 *
 * <p>Start with {@link io.github.peft4j.methods.prefixtuning.PrefixTuningConfig}.
 *
 * @see <a href="https://arxiv.org/abs/2101.00190">Li and Liang 2021</a>
 */
@NullMarked
package io.github.peft4j.methods.prefixtuning;

import org.jspecify.annotations.NullMarked;
