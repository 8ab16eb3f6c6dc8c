/**
 * How (IA)³ adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.ia3.internal.Ia3Method}.
 */
@NullMarked
package io.github.peft4j.methods.ia3.internal;

import org.jspecify.annotations.NullMarked;
