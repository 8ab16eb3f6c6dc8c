/**
 * The loop. Start with {@link io.github.peft4j.training.internal.loop.TrainingRun}.
 */
@NullMarked
package io.github.peft4j.training.internal.loop;

import org.jspecify.annotations.NullMarked;
