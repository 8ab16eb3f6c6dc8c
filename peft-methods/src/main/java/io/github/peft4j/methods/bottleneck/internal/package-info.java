/**
 * How bottleneck adapters adapts a model: what its settings become.
 *
 * <p>Start with {@link io.github.peft4j.methods.bottleneck.internal.BottleneckMethod}.
 */
@NullMarked
package io.github.peft4j.methods.bottleneck.internal;

import org.jspecify.annotations.NullMarked;
