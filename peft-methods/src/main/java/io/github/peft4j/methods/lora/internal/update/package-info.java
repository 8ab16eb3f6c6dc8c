/**
 * What LoRA adds to a layer: factors and how they begin, and the layers that add their product. None of it knows a config.
 *
 * <p>Start with {@link io.github.peft4j.methods.lora.internal.update.LoraLinear}.
 */
@NullMarked
package io.github.peft4j.methods.lora.internal.update;

import org.jspecify.annotations.NullMarked;
