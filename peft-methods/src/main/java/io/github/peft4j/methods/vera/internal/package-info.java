/**
 * How VeRA adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.vera.internal.VeraMethod}.
 */
@NullMarked
package io.github.peft4j.methods.vera.internal;

import org.jspecify.annotations.NullMarked;
