/**
 * Vectors of texts, as sentence-transformers makes and trains them. Start with {@link io.github.peft4j.models.embedding.TextEmbedder}; what they are learned
 * from is {@link io.github.peft4j.models.embedding.TextPairs}.
 */
@NullMarked
package io.github.peft4j.models.embedding;

import org.jspecify.annotations.NullMarked;
