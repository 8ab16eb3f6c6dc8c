/**
 * Phi-3 and Phi-4: Llama's layout with one layer for queries, keys and values and one for both ways into the feed-forward part,
 * rotation of a part of each head, and long rotary positions. Start with
 * {@link io.github.peft4j.models.internal.architecture.phi3.Phi3Family}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.phi3;

import org.jspecify.annotations.NullMarked;
