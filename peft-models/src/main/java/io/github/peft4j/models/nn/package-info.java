/**
 * Layers: modules that are found and replaced by their Hugging Face path, and the context they run in.
 *
 * <p>Start with {@link io.github.peft4j.models.nn.Module} and {@link io.github.peft4j.models.nn.Forward}. Every module maps one
 * {@link io.github.peft4j.models.kernel.Activation} to another, so that any of them can stand in another's place; rows of a batch lie
 * end to end without padding, {@code [N, ...]}, and the context knows where each begins. Letters: see {@code docs/reference/notation.md}.
 */
@NullMarked
package io.github.peft4j.models.nn;

import org.jspecify.annotations.NullMarked;
