/**
 * What lies between the kernels and the engine. Start with {@link io.github.peft4j.models.kernel.internal.TorchEngine}.
 */
@NullMarked
package io.github.peft4j.models.kernel.internal;

import org.jspecify.annotations.NullMarked;
