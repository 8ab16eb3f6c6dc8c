/** What a training run will need, before anything is loaded: {@link io.github.peft4j.training.estimate.MemoryEstimate}. */
@NullMarked
package io.github.peft4j.training.estimate;

import org.jspecify.annotations.NullMarked;
