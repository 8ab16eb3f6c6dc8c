/**
 * Which weights learn at a rate or with a decay of their own: {@link io.github.peft4j.training.optimizer.ParameterGroup}; and how several
 * processes train one model: {@link io.github.peft4j.training.optimizer.GradientExchange}.
 */
@NullMarked
package io.github.peft4j.training.optimizer;

import org.jspecify.annotations.NullMarked;
