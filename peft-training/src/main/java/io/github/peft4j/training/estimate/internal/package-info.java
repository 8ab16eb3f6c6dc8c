/**
 * A model without weights. Start with {@link io.github.peft4j.training.estimate.internal.ModelOutline}.
 */
@NullMarked
package io.github.peft4j.training.estimate.internal;

import org.jspecify.annotations.NullMarked;
