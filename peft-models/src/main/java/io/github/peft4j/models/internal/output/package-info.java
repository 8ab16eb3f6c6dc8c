/**
 * What keeps writers of files apart, and clears up behind those that died. Start with
 * {@link io.github.peft4j.models.internal.output.ClaimedFolder}, and where the second is to wait with {@link
 * io.github.peft4j.models.internal.output.SharedLock}; files themselves are written by
 * {@link io.github.peft4j.models.checkpoint.internal.AtomicWrite}.
 */
@NullMarked
package io.github.peft4j.models.internal.output;

import org.jspecify.annotations.NullMarked;
