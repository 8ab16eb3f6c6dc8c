/**
 * What each token of a row is: its class, by a {@link io.github.peft4j.models.tokens.TokenHead}, or the token that it hides, by a
 * {@link io.github.peft4j.models.tokens.internal.MaskedHead}; and the loss of both at labelled tokens.
 */
@NullMarked
package io.github.peft4j.models.tokens;

import org.jspecify.annotations.NullMarked;
