/**
 * What methods share that put wrappers around single layers: wrapping with clean-up, merging into the layers' weights, trained biases, and
 * an adapter of such parts.
 *
 * <p>Start with {@link io.github.peft4j.methods.layers.AdaptedLayer}, then {@link io.github.peft4j.methods.layers.AdapterParts}.
 */
@NullMarked
package io.github.peft4j.methods.layers;

import org.jspecify.annotations.NullMarked;
