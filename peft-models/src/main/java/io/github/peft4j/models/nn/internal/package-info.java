/**
 * What a pass remembers of tokens before it, and what modules say of themselves to those around them. Start with
 * {@link io.github.peft4j.models.nn.internal.KeyValueCache}.
 */
@NullMarked
package io.github.peft4j.models.nn.internal;

import org.jspecify.annotations.NullMarked;
