/**
 * Vectors of texts, as sentence-transformers makes them. Start with {@link io.github.peft4j.models.embedding.TextEmbedder}.
 */
@NullMarked
package io.github.peft4j.models.embedding;

import org.jspecify.annotations.NullMarked;
