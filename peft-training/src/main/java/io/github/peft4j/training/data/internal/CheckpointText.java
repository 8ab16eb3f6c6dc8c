package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.template.ChatTemplate;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer and the chat template of a checkpoint folder, opened when they are first asked for: a tokenizer takes memory that rows of token
 * ids had better use otherwise, and the folder may lack one. Closing it closes the tokenizer. Not safe for concurrent use.
 */
public final class CheckpointText implements RowText, AutoCloseable {

    private final Path folder;
    private final Path templates;
    private @Nullable Tokenizer tokenizer;
    private @Nullable ChatTemplate chatTemplate;
    private boolean lookedForTemplate;

    /** The text tools of a checkpoint folder. */
    public CheckpointText(Path folder) {
        this(folder, folder);
    }

    /**
     * Those of a folder that may hold less than a checkpoint's.
     *
     * @param templates the folder of the chat template if the first has none
     */
    public CheckpointText(Path folder, Path templates) {
        this.folder = folder;
        this.templates = templates;
    }

    @Override
    public @Nullable Tokenizer tokenizer() throws CheckpointException {
        if (tokenizer == null && Tokenizer.isIn(folder)) {
            tokenizer = Tokenizer.open(folder);
        }
        return tokenizer;
    }

    @Override
    public @Nullable ChatTemplate chatTemplate() throws CheckpointException {
        Tokenizer needed = lookedForTemplate ? null : tokenizer();
        if (needed != null) {
            lookedForTemplate = true;
            Path from = ChatTemplate.isIn(folder) ? folder : templates;
            chatTemplate = ChatTemplate.isIn(from) ? ChatTemplate.open(from, needed) : null;
        }
        return chatTemplate;
    }

    @Override
    public void close() {
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
