/**
 * What the methods share that train a model's input instead of its layers: prompt tuning, P-tuning and prefix tuning. A table of values
 * stands before every row, as embeddings or as keys and values; it is trained itself, or a small network that computes it is. The file
 * holds nothing but the table.
 *
 * <p>Start with {@link io.github.peft4j.methods.internal.promptlearning.PromptAdapter}.
 */
@NullMarked
package io.github.peft4j.methods.internal.promptlearning;

import org.jspecify.annotations.NullMarked;
