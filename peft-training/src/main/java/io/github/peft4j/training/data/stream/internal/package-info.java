/** Rows on their way from sources to token ids: in what order they are taken, and how threads share the work. Start with {@link RowFeed}. */
@NullMarked
package io.github.peft4j.training.data.stream.internal;

import org.jspecify.annotations.NullMarked;
