/**
 * Predicting the next token: a {@link io.github.peft4j.models.causal.LanguageHead} over the vocabulary, its loss at supervised positions, and
 * log-probabilities of rows.
 */
@NullMarked
package io.github.peft4j.models.causal;

import org.jspecify.annotations.NullMarked;
