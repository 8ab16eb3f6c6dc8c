/**
 * Weights in fewer bits: 4-bit NormalFloat and 8-bit integers. Start with {@link io.github.peft4j.models.kernel.packed.Quantization}.
 */
@NullMarked
package io.github.peft4j.models.kernel.packed;

import org.jspecify.annotations.NullMarked;
