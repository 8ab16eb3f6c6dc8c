/**
 * Values on their way from a file to an array. Start with {@link io.github.peft4j.models.nn.weights.internal.StoredArrays}.
 */
@NullMarked
package io.github.peft4j.models.nn.weights.internal;

import org.jspecify.annotations.NullMarked;
