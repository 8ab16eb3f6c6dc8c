/**
 * Folders as sentence-transformers lays them out. Start with {@link io.github.peft4j.models.embedding.internal.SentencePlan}.
 */
@NullMarked
package io.github.peft4j.models.embedding.internal;

import org.jspecify.annotations.NullMarked;
