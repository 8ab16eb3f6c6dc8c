/** How patterns choose among a model's modules: {@link io.github.peft4j.core.selection.internal.ModuleMatcher}. */
@NullMarked
package io.github.peft4j.core.selection.internal;

import org.jspecify.annotations.NullMarked;
