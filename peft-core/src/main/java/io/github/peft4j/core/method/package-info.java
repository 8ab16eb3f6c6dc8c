/**
 * What a method and its adapters are: the interfaces that a method of your own implements. Start with
 * {@link io.github.peft4j.core.method.PeftMethod}.
 */
@NullMarked
package io.github.peft4j.core.method;

import org.jspecify.annotations.NullMarked;
