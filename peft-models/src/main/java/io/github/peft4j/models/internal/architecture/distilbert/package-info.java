/**
 * DistilBERT: BERT with half of its blocks, without types of tokens and without a pooler, under names of its own. Start with
 * {@link io.github.peft4j.models.internal.architecture.distilbert.DistilBertFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.distilbert;

import org.jspecify.annotations.NullMarked;
