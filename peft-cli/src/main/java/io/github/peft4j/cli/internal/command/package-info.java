/** The commands, one class each, and what they print. */
@NullMarked
package io.github.peft4j.cli.internal.command;

import org.jspecify.annotations.NullMarked;
