/**
 * Which modules of a model a method changes, and how it puts others in their place. Start with
 * {@link io.github.peft4j.core.target.ModuleSelection}.
 */
@NullMarked
package io.github.peft4j.core.target;

import org.jspecify.annotations.NullMarked;
