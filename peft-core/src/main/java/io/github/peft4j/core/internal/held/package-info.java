/**
 * The adapters that a model holds: how they come, are switched, combined, reported and saved. Start with
 * {@link io.github.peft4j.core.internal.held.HeldAdapters}.
 */
@NullMarked
package io.github.peft4j.core.internal.held;

import org.jspecify.annotations.NullMarked;
