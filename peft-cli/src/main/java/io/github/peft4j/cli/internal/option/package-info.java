/** Options that several commands share, and what they make of what was given. */
@NullMarked
package io.github.peft4j.cli.internal.option;

import org.jspecify.annotations.NullMarked;
