/**
 * From a checkpoint's tensors to the weights of layers. Start with {@link io.github.peft4j.models.nn.weights.Weights}.
 */
@NullMarked
package io.github.peft4j.models.nn.weights;

import org.jspecify.annotations.NullMarked;
