/**
 * The command {@code peft4j}: one class per sub-command, results on standard output, everything else on standard error.
 *
 * <p>Start with {@link io.github.peft4j.cli.Main}.
 */
@NullMarked
package io.github.peft4j.cli;

import org.jspecify.annotations.NullMarked;
