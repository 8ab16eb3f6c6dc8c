/**
 * How BitFit adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.bitfit.internal.BitFitMethod}.
 */
@NullMarked
package io.github.peft4j.methods.bitfit.internal;

import org.jspecify.annotations.NullMarked;
