/** Rows in files of text. Start with {@link io.github.peft4j.training.data.text.internal.TextFile}. */
@NullMarked
package io.github.peft4j.training.data.text.internal;

import org.jspecify.annotations.NullMarked;
