package io.github.peft4j.methods.internal.promptlearning;

import java.util.function.Supplier;

/**
 * How an encoder is made: that of a new adapter at once, that of a saved one only if its weights were saved too.
 *
 * @param tensors the number of its weights
 * @param make makes it
 */
public record EncoderPlan(long tensors, Supplier<PromptEncoder> make) {}
