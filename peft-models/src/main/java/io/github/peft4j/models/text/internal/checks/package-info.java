/**
 * What a {@code tokenizer.json} of a stranger may hold before it reaches the native library, which ends the process where it finds
 * something that it did not expect.
 *
 * <p>Start with {@link io.github.peft4j.models.text.internal.checks.Pipeline}. Each section of the file has a class that knows its components, their
 * fields and what the native code does with them; everything that is not known is refused, and the native library gets a file that is
 * written anew from what was checked.
 */
@NullMarked
package io.github.peft4j.models.text.internal.checks;

import org.jspecify.annotations.NullMarked;
