/** Rows that were encoded once and are kept in a file. Start with {@link io.github.peft4j.training.data.cache.internal.TokenCache}. */
@NullMarked
package io.github.peft4j.training.data.cache.internal;

import org.jspecify.annotations.NullMarked;
