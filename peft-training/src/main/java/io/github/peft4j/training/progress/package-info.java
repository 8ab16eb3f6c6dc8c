/**
 * What a run tells while it goes on and at its end. Start with {@link io.github.peft4j.training.progress.TrainingListener}.
 */
@NullMarked
package io.github.peft4j.training.progress;

import org.jspecify.annotations.NullMarked;
