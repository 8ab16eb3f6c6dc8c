/**
 * Gemma 3 without images: Gemma 2 with norms of each head's queries and keys in the place of the bounds, and another rotation in layers
 * with a window. Start with
 * {@link io.github.peft4j.models.internal.architecture.gemma3.Gemma3Family}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.gemma3;

import org.jspecify.annotations.NullMarked;
