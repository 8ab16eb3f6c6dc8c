/** How patterns choose among a model's modules: {@link io.github.peft4j.core.target.internal.ModuleMatcher}. */
@NullMarked
package io.github.peft4j.core.target.internal;

import org.jspecify.annotations.NullMarked;
