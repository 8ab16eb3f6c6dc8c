/** The optimizer, and which weights get which settings of it. */
@NullMarked
package io.github.peft4j.training.optimizer.internal;

import org.jspecify.annotations.NullMarked;
