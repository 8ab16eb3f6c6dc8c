/**
 * What a run needs, counted from a model without weights ({@link io.github.peft4j.training.estimate.internal.ModelOutline}), and what fits into the memory there is.
 * Start with {@link io.github.peft4j.training.estimate.internal.MemoryCount}.
 */
@NullMarked
package io.github.peft4j.training.estimate.internal;

import org.jspecify.annotations.NullMarked;
