/**
 * What formats of columns have in common, and Hugging Face's words for them.
 *
 * <p>Start with {@link io.github.peft4j.training.data.columnar.internal.NumberedRows}.
 */
@NullMarked
package io.github.peft4j.training.data.columnar.internal;

import org.jspecify.annotations.NullMarked;
