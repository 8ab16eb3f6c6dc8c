/**
 * Data sets that are folders, and their splits: those that Hugging Face's {@code datasets} saves or keeps in its cache, and those that are published, in
 * any format of rows.
 *
 * <p>Start with {@link io.github.peft4j.training.data.split.internal.SplitReader}, which finds the rows that are meant. What a folder is says
 * {@code DataFolder}.
 */
@NullMarked
package io.github.peft4j.training.data.split.internal;

import org.jspecify.annotations.NullMarked;
