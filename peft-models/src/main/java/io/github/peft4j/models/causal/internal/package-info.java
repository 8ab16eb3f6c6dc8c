/**
 * The loss of the next token ({@link io.github.peft4j.models.causal.internal.NextToken}), what of a batch it depends on ({@link
 * io.github.peft4j.models.causal.internal.Supervision}), and a model over rows whose keys and values are kept ({@link
 * io.github.peft4j.models.causal.internal.Decoding}).
 */
@NullMarked
package io.github.peft4j.models.causal.internal;

import org.jspecify.annotations.NullMarked;
