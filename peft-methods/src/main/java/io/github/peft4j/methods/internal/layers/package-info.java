/**
 * What methods share that put wrappers around single layers: wrapping with clean-up, merging into the layers' weights, trained biases, and
 * an adapter of such parts.
 *
 * <p>Start with {@link io.github.peft4j.methods.internal.layers.AdaptedLayer}, then {@link io.github.peft4j.methods.internal.layers.AdapterParts}.
 */
@NullMarked
package io.github.peft4j.methods.internal.layers;

import org.jspecify.annotations.NullMarked;
