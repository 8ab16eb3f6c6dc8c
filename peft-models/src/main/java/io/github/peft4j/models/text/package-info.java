/**
 * Text to token ids and back, and chats to text.
 *
 * <p>Start with {@link io.github.peft4j.models.text.Tokenizer}, which opens the tokenizer of a checkpoint folder, and
 * {@link io.github.peft4j.models.text.template.ChatTemplate}, which turns a list of {@link io.github.peft4j.models.text.template.Message}s into the text
 * that the model was trained on. Both give what transformers 5 gives for the same folder.
 */
@NullMarked
package io.github.peft4j.models.text;

import org.jspecify.annotations.NullMarked;
