/**
 * How weights of few bits are packed. Start with {@link io.github.peft4j.models.kernel.packed.internal.StoredCodes}.
 */
@NullMarked
package io.github.peft4j.models.kernel.packed.internal;

import org.jspecify.annotations.NullMarked;
