package io.github.peft4j.models.nn.internal;

import io.github.peft4j.models.kernel.Activation;

/**
 * Keys and values of one layer, [P, K, Dh] each, that stand before every row of a batch.
 *
 * @param key as attention uses it: not rotated again
 * @param value as attention uses it
 */
public record KeyValue(Activation key, Activation value) {}
