/** What a run of the command trains: {@link io.github.peft4j.training.internal.TrainedPart}. */
@NullMarked
package io.github.peft4j.training.internal;

import org.jspecify.annotations.NullMarked;
