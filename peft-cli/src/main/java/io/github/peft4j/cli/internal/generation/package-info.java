/** Continuing prompts and talking, until the command is to stop. */
@NullMarked
package io.github.peft4j.cli.internal.generation;

import org.jspecify.annotations.NullMarked;
