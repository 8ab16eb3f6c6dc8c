/**
 * How the next token is chosen, and what is kept of each text. Start with {@link io.github.peft4j.models.generate.internal.Sampler}.
 */
@NullMarked
package io.github.peft4j.models.generate.internal;

import org.jspecify.annotations.NullMarked;
