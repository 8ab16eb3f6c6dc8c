/**
 * Folders as sentence-transformers lays them out, and how vectors of texts are compared. Start with
 * {@link io.github.peft4j.models.embedding.internal.SentencePlan}, or with {@link io.github.peft4j.models.embedding.internal.PairLosses}.
 */
@NullMarked
package io.github.peft4j.models.embedding.internal;

import org.jspecify.annotations.NullMarked;
