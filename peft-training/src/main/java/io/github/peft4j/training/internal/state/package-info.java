/**
 * What a run writes so that it can be resumed. Start with {@link io.github.peft4j.training.internal.state.SavedRun}.
 */
@NullMarked
package io.github.peft4j.training.internal.state;

import org.jspecify.annotations.NullMarked;
