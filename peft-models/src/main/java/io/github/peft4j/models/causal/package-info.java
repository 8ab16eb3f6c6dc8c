/**
 * Predicting the next token: a {@link io.github.peft4j.models.causal.LanguageHead} over the vocabulary, the
 * {@link io.github.peft4j.models.causal.internal.NextToken} loss at supervised positions, log-probabilities of rows, and
 * {@link io.github.peft4j.models.causal.internal.Decoding} token by token.
 */
@NullMarked
package io.github.peft4j.models.causal;

import org.jspecify.annotations.NullMarked;
