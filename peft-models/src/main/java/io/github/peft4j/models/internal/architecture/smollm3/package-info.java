/**
 * SmolLM3: Llama's layout, with every fourth layer without rotation. Start with
 * {@link io.github.peft4j.models.internal.architecture.smollm3.SmolLm3Family}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.smollm3;

import org.jspecify.annotations.NullMarked;
