/**
 * (IA)^3: a vector scales the outputs of attention's keys and values and the inputs of the feed-forward part's last layer. Nothing else is
 * trained or saved, a tenth of what LoRA needs or less; merged, it costs nothing at all. Use it where many small tasks share a model, with
 * a learning rate ten times LoRA's; where a task needs more than other emphasis, LoRA learns more.
 *
 * <p>Start with {@link io.github.peft4j.methods.ia3.Ia3Config}.
 *
 * @see <a href="https://arxiv.org/abs/2205.05638">Liu et al. 2022</a>
 */
@NullMarked
package io.github.peft4j.methods.ia3;

import org.jspecify.annotations.NullMarked;
