/**
 * How prompt tuning adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.prompttuning.internal.PromptTuningMethod}.
 */
@NullMarked
package io.github.peft4j.methods.prompttuning.internal;

import org.jspecify.annotations.NullMarked;
