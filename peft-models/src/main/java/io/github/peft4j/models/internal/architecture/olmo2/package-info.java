/**
 * OLMo 2: Llama's layout with norms behind attention and behind the feed-forward part instead of before them, and norms of queries
 * and keys over all heads. Start with
 * {@link io.github.peft4j.models.internal.architecture.olmo2.Olmo2Family}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.olmo2;

import org.jspecify.annotations.NullMarked;
