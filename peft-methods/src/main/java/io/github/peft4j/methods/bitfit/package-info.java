/**
 * BitFit: of all weights only biases are trained, and saved whole, so that an adapter is a handful of vectors that replace those of the
 * model. Layers without a bias, as in Llama, are given one of zeros. Merged, it is the model itself again, where its architecture has a
 * setting for biases. Use it where a model has biases and data are few; on a model without any, LoRA learns more.
 *
 * <p>Start with {@link io.github.peft4j.methods.bitfit.BitFitConfig}.
 *
 * @see <a href="https://arxiv.org/abs/2106.10199">Ben Zaken, Ravfogel and Goldberg 2022</a>
 */
@NullMarked
package io.github.peft4j.methods.bitfit;

import org.jspecify.annotations.NullMarked;
