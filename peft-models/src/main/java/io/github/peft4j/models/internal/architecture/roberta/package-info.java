/**
 * RoBERTa: BERT with positions that begin behind that of padding, which is not counted, and other heads. Start with
 * {@link io.github.peft4j.models.internal.architecture.roberta.RobertaFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.roberta;

import org.jspecify.annotations.NullMarked;
