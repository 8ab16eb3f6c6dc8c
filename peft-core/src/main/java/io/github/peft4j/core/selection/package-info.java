/**
 * Which modules of a model a method changes, and how it puts others in their place. Start with
 * {@link io.github.peft4j.core.selection.ModuleSelection}.
 */
@NullMarked
package io.github.peft4j.core.selection;

import org.jspecify.annotations.NullMarked;
