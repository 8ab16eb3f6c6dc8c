/** A model over rows whose keys and values are kept: {@link io.github.peft4j.models.causal.internal.Decoding}. */
@NullMarked
package io.github.peft4j.models.causal.internal;

import org.jspecify.annotations.NullMarked;
