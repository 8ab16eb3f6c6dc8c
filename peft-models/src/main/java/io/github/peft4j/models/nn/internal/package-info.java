/**
 * What a pass remembers of tokens before it. Start with {@link io.github.peft4j.models.nn.internal.KeyValueCache}.
 */
@NullMarked
package io.github.peft4j.models.nn.internal;

import org.jspecify.annotations.NullMarked;
