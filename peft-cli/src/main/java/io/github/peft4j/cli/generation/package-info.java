/** Continuing prompts and talking, until the command is to stop. */
@NullMarked
package io.github.peft4j.cli.generation;

import org.jspecify.annotations.NullMarked;
