/** Rows as the model sees them, and what there is of them. */
@NullMarked
package io.github.peft4j.cli.internal.inspection;

import org.jspecify.annotations.NullMarked;
