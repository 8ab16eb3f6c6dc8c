/** Rows that are mixed, or read while a model learns. */
@NullMarked
package io.github.peft4j.cli.internal.streaming;

import org.jspecify.annotations.NullMarked;
