/** What becomes of rows, and how they are shown. */
@NullMarked
package io.github.peft4j.cli.internal.data;

import org.jspecify.annotations.NullMarked;
