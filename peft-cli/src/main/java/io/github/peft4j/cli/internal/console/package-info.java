/** What every command has to do with the outside: input and output, signals, errors and exit codes. */
@NullMarked
package io.github.peft4j.cli.internal.console;

import org.jspecify.annotations.NullMarked;
