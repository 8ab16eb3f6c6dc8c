/**
 * What methods and the adapters that a model holds tell each other. Start with
 * {@link io.github.peft4j.core.method.internal.MatchedNames}.
 */
@NullMarked
package io.github.peft4j.core.method.internal;

import org.jspecify.annotations.NullMarked;
