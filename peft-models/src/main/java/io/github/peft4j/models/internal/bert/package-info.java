/**
 * What encoders of BERT's layout share: learned positions, types of tokens, norms behind the sums. Start with
 * {@link io.github.peft4j.models.internal.bert.BertLayout}.
 */
@NullMarked
package io.github.peft4j.models.internal.bert;

import org.jspecify.annotations.NullMarked;
