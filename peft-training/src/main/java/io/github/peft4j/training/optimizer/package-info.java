/**
 * How weights are updated: AdamW, and {@link io.github.peft4j.training.optimizer.internal.ParameterGroups} with rates and decays of their own.
 */
@NullMarked
package io.github.peft4j.training.optimizer;

import org.jspecify.annotations.NullMarked;
