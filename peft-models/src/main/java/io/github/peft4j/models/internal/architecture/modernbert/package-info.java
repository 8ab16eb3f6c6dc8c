/**
 * ModernBERT: an encoder with norms before its parts, rotary positions of two bases, a window in most layers and a gated feed-forward part.
 * Start with {@link io.github.peft4j.models.internal.architecture.modernbert.ModernBertFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.modernbert;

import org.jspecify.annotations.NullMarked;
