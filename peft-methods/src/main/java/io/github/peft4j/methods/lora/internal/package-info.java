/**
 * How LoRA adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.lora.internal.LoraMethod}.
 */
@NullMarked
package io.github.peft4j.methods.lora.internal;

import org.jspecify.annotations.NullMarked;
