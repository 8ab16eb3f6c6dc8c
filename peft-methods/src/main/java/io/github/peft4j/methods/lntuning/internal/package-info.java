/**
 * How LN tuning adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.lntuning.internal.LnTuningMethod}.
 */
@NullMarked
package io.github.peft4j.methods.lntuning.internal;

import org.jspecify.annotations.NullMarked;
