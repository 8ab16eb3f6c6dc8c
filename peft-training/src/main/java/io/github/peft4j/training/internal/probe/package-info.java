/**
 * Heads that are solved for on features instead of trained in steps. Start with {@link io.github.peft4j.training.internal.probe.LinearFit}.
 */
@NullMarked
package io.github.peft4j.training.internal.probe;

import org.jspecify.annotations.NullMarked;
