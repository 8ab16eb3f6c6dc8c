/**
 * BERT: an encoder with learned positions, types of tokens and norms behind the sums; its pooler belongs to the backbone. Start with
 * {@link io.github.peft4j.models.internal.architecture.bert.BertFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.bert;

import org.jspecify.annotations.NullMarked;
