/**
 * How prefix tuning adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.prefixtuning.internal.PrefixTuningMethod}.
 */
@NullMarked
package io.github.peft4j.methods.prefixtuning.internal;

import org.jspecify.annotations.NullMarked;
