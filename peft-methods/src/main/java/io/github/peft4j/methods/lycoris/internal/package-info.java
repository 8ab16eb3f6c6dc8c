/**
 * How LoHa and LoKr adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.lycoris.internal.LohaMethod}.
 */
@NullMarked
package io.github.peft4j.methods.lycoris.internal;

import org.jspecify.annotations.NullMarked;
