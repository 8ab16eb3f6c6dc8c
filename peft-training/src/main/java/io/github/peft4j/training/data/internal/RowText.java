package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import org.jspecify.annotations.Nullable;

/** What makes token ids of text. It is asked when the first row with text comes, since rows of token ids need nothing of it. */
public interface RowText {

    /** Nothing: only rows of token ids can be read. */
    RowText NONE = of(null, null);

    /**
     * The checkpoint's tokenizer, or null if it has none; then only rows of token ids can be read. It stays open for as long as rows are read.
     *
     * @throws CheckpointException if it cannot be opened
     */
    @Nullable
    Tokenizer tokenizer() throws CheckpointException;

    /**
     * The checkpoint's chat template, or null if it has none; then rows of messages cannot be read.
     *
     * @throws CheckpointException if it cannot be opened
     */
    @Nullable
    ChatTemplate chatTemplate() throws CheckpointException;

    /** What is open already. */
    static RowText of(@Nullable Tokenizer tokenizer, @Nullable ChatTemplate chatTemplate) {
        return new RowText() {
            @Override
            public @Nullable Tokenizer tokenizer() {
                return tokenizer;
            }

            @Override
            public @Nullable ChatTemplate chatTemplate() {
                return chatTemplate;
            }
        };
    }
}
