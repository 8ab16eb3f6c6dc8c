/**
 * Vectors of single tokens that are trained while the rest of a table stays: the layers that methods share which do so, alone or beside
 * what else they change.
 *
 * <p>Start with {@link io.github.peft4j.methods.internal.tokens.TokenLayers}.
 */
@NullMarked
package io.github.peft4j.methods.internal.tokens;

import org.jspecify.annotations.NullMarked;
