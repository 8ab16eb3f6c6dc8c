/**
 * Parameter-efficient fine-tuning, whatever the method: configurations, the strategy that attaches them, adapters and
 * the model that holds them.
 *
 * <p>Start with {@link io.github.peft4j.core.PeftModel}; a new method implements {@link io.github.peft4j.core.method.PeftMethod}.
 */
@NullMarked
package io.github.peft4j.core;

import org.jspecify.annotations.NullMarked;
