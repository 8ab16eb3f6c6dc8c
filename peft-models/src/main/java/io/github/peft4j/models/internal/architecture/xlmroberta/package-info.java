/**
 * XLM-R: RoBERTa for a hundred languages. Start with
 * {@link io.github.peft4j.models.internal.architecture.xlmroberta.XlmRobertaFamily}.
 */
@NullMarked
package io.github.peft4j.models.internal.architecture.xlmroberta;

import org.jspecify.annotations.NullMarked;
