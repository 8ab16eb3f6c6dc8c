/**
 * How a run trains. Start with {@link io.github.peft4j.training.config.TrainingConfig}.
 */
@NullMarked
package io.github.peft4j.training.config;

import org.jspecify.annotations.NullMarked;
