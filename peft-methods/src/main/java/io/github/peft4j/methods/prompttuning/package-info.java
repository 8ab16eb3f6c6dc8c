/**
 * Prompt tuning: embeddings of virtual tokens stand before every row and are all that is trained and saved. Nothing in the model
 * changes, so one model serves many tasks at once; it learns slower than LoRA and its rows are longer. They begin as random vectors, as
 * embeddings of random tokens, or as those of a text, which works best. Use it for large models and tiny files.
 *
 * <p>Start with {@link io.github.peft4j.methods.prompttuning.PromptTuningConfig}.
 *
 * @see <a href="https://arxiv.org/abs/2104.08691">Lester et al. 2021</a>
 */
@NullMarked
package io.github.peft4j.methods.prompttuning;

import org.jspecify.annotations.NullMarked;
