/**
 * What belongs to a batch on its way to the tables of tokens. Start with
 * {@link io.github.peft4j.models.internal.input.SharedPrefix}.
 */
@NullMarked
package io.github.peft4j.models.internal.input;

import org.jspecify.annotations.NullMarked;
