/**
 * Layers that are trained whole, beside what a method adds. Start with {@link io.github.peft4j.core.internal.trained.TrainedCopy}.
 */
@NullMarked
package io.github.peft4j.core.internal.trained;

import org.jspecify.annotations.NullMarked;
