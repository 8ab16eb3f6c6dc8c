/** How heads of tokens learn. Start with {@link io.github.peft4j.models.tokens.internal.LabelledTokens}. */
@NullMarked
package io.github.peft4j.models.tokens.internal;

import org.jspecify.annotations.NullMarked;
