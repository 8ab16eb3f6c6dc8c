package io.github.peft4j.training.data;

import io.github.peft4j.models.text.ChatTemplate;
import io.github.peft4j.models.text.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * How rows become token ids.
 *
 * @param vocabularySize ids that the model has an embedding for; larger ones are refused
 * @param maxLength the greatest length of a row in tokens; longer ones are left out and counted, never cut. {@link #UNLIMITED} for none
 * @param tokenizer the checkpoint's, or null if it has none; then only rows of {@code input_ids} can be read
 * @param chatTemplate the checkpoint's, or null if it has none; then rows of {@code messages} cannot be read
 * @param template for rows with an instruction
 */
public record EncodingOptions(
        int vocabularySize,
        int maxLength,
        @Nullable Tokenizer tokenizer,
        @Nullable ChatTemplate chatTemplate,
        PromptTemplate template) {

    /** No greatest length. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is not positive
     */
    public EncodingOptions {
        if (vocabularySize < 1) {
            throw new IllegalArgumentException("the vocabulary's size must be at least 1, got " + vocabularySize);
        }
        if (maxLength < 1) {
            throw new IllegalArgumentException("the greatest length must be at least 1, got " + maxLength);
        }
    }

    /** Rows of token ids alone, of any length. */
    public static EncodingOptions of(int vocabularySize) {
        return new EncodingOptions(vocabularySize, UNLIMITED, null, null, PromptTemplate.ALPACA);
    }

    /** The same with a greatest length. */
    public EncodingOptions withMaxLength(int tokens) {
        return new EncodingOptions(vocabularySize, tokens, tokenizer, chatTemplate, template);
    }

    /** The same with a checkpoint's tokenizer. */
    public EncodingOptions withTokenizer(Tokenizer other) {
        return new EncodingOptions(vocabularySize, maxLength, other, chatTemplate, template);
    }

    /** The same with a checkpoint's chat template. */
    public EncodingOptions withChatTemplate(ChatTemplate other) {
        return new EncodingOptions(vocabularySize, maxLength, tokenizer, other, template);
    }

    /** The same with another template for instructions. */
    public EncodingOptions withTemplate(PromptTemplate other) {
        return new EncodingOptions(vocabularySize, maxLength, tokenizer, chatTemplate, other);
    }
}
