/** Vectors of texts, from files of rows to files of vectors. Start with {@link io.github.peft4j.cli.internal.embedding.EmbedCommand}. */
@NullMarked
package io.github.peft4j.cli.internal.embedding;

import org.jspecify.annotations.NullMarked;
