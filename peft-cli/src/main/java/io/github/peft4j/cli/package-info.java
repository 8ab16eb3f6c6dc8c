/**
 * The command {@code peft4j}: options and printing over the libraries. Results go to standard output, everything else to standard error.
 *
 * <p>Start with {@link io.github.peft4j.cli.Main}. The rooms are {@code internal}: {@code command} has one class per sub-command, {@code option} what they
 * are given, {@code loading} and {@code generation} what several do with models, {@code console} the outside, {@code memory} what fits, {@code quickstart}, {@code search} and
 * {@code doctor} those that are more than a page. What is promised is the command line, not Java: what is public there is so that the rooms reach each other.
 */
@NullMarked
package io.github.peft4j.cli;

import org.jspecify.annotations.NullMarked;
