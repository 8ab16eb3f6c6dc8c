/**
 * Continues prompts token by token, greedily or by drawing. Start with {@link io.github.peft4j.models.generate.TextGenerator},
 * which takes and gives text, or the {@link io.github.peft4j.models.generate.Generator} of token ids beneath it; the settings of both are a {@link io.github.peft4j.models.generate.GenerationConfig}, and how a token is chosen is a
 * {@link io.github.peft4j.models.generate.internal.Sampler}. Names and meanings are those of Hugging Face's {@code generate}.
 */
@NullMarked
package io.github.peft4j.models.generate;

import org.jspecify.annotations.NullMarked;
