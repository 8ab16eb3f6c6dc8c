/**
 * From rows of files to rows of token ids. Start with {@link io.github.peft4j.training.data.internal.RowReader}.
 */
@NullMarked
package io.github.peft4j.training.data.internal;

import org.jspecify.annotations.NullMarked;
