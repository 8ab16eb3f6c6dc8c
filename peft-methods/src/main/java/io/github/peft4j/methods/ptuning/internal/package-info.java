/**
 * How P-tuning adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.ptuning.internal.PTuningMethod}.
 */
@NullMarked
package io.github.peft4j.methods.ptuning.internal;

import org.jspecify.annotations.NullMarked;
