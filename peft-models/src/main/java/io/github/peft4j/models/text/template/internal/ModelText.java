package io.github.peft4j.models.text.template.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.models.text.internal.folder.TokenizerFiles;
import io.github.peft4j.models.text.template.ChatTemplate;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What makes token ids of text, and text of token ids: a tokenizer and perhaps a chat template. Those of a folder are opened when they are first
 * asked for: a tokenizer takes memory that rows of token ids had better use otherwise, and the folder may lack one. Closing it closes what it
 * opened. Safe for concurrent use.
 */
public final class ModelText implements AutoCloseable {

    /** Nothing: only token ids can be used. */
    public static final ModelText NONE = of(null, null);

    private final @Nullable Path folder;
    private final @Nullable Path templates;
    private @Nullable Tokenizer tokenizer;
    private @Nullable ChatTemplate chatTemplate;
    private boolean lookedForTemplate;
    private boolean closed;

    private ModelText(
            @Nullable Path folder,
            @Nullable Path templates,
            @Nullable Tokenizer tokenizer,
            @Nullable ChatTemplate chatTemplate) {
        this.folder = folder;
        this.templates = templates;
        this.tokenizer = tokenizer;
        this.chatTemplate = chatTemplate;
    }

    /** What is open already, and stays its owner's. */
    public static ModelText of(@Nullable Tokenizer tokenizer, @Nullable ChatTemplate chatTemplate) {
        return new ModelText(null, null, tokenizer, chatTemplate);
    }

    /** The tools of a checkpoint folder. */
    public static ModelText in(Path folder) {
        return in(folder, folder);
    }

    /**
     * Those of a folder that may hold less than a checkpoint's.
     *
     * @param templates the folder of the chat template if the first has none
     */
    public static ModelText in(Path folder, Path templates) {
        return new ModelText(folder, templates, null, null);
    }

    /**
     * The tokenizer, or null if there is none; then only token ids can be used. It stays open until this is closed.
     *
     * @throws CheckpointException if it cannot be opened
     * @throws IllegalStateException if this is closed
     */
    public synchronized @Nullable Tokenizer tokenizer() throws CheckpointException {
        if (closed) {
            throw new IllegalStateException("the tokenizer in " + folder + " is closed");
        }
        if (tokenizer == null && folder != null && Tokenizer.isIn(folder)) {
            tokenizer = Tokenizer.open(folder);
        }
        return tokenizer;
    }

    /**
     * The chat template, or null if there is none; then there can be no messages.
     *
     * @throws CheckpointException if it cannot be opened
     * @throws IllegalStateException if this is closed
     */
    public synchronized @Nullable ChatTemplate chatTemplate() throws CheckpointException {
        Tokenizer needed = tokenizer();
        if (needed != null && folder != null && templates != null && !lookedForTemplate) {
            Path from = ChatTemplate.isIn(folder) ? folder : templates;
            chatTemplate = ChatTemplate.isIn(from) ? ChatTemplate.open(from, needed) : null;
            lookedForTemplate = true;
        }
        return chatTemplate;
    }

    /**
     * The tokenizer.
     *
     * @throws CheckpointException if there is none, or it cannot be opened
     * @throws IllegalStateException if there is no folder that it could lie in, or this is closed
     */
    public Tokenizer requireTokenizer() throws CheckpointException {
        Tokenizer found = tokenizer();
        // Opening what is not there says what is expected.
        return found == null ? Tokenizer.open(requireFolder()) : found;
    }

    /**
     * The chat template.
     *
     * @throws CheckpointException if there is none, or no tokenizer, or they cannot be opened
     * @throws IllegalStateException if there is no folder that it could lie in, or this is closed
     */
    public ChatTemplate requireChatTemplate() throws CheckpointException {
        Tokenizer needed = requireTokenizer();
        ChatTemplate found = chatTemplate();
        return found == null ? ChatTemplate.open(requireFolder(), needed) : found;
    }

    /**
     * What tells these tools from others: the SHA-256 of all files that they are made of; the same where there are none.
     *
     * @throws CheckpointException if a file cannot be read
     * @throws IllegalArgumentException if they were given open, so that nobody knows what they are made of
     */
    public String fingerprint() throws CheckpointException {
        if (folder == null || templates == null) {
            if (tokenizer != null) {
                throw new IllegalArgumentException(
                        "a tokenizer that is open already cannot be told from others: give the"
                                + " tools of a folder, as a model has them");
            }
            return "none";
        }
        return folder.equals(templates)
                ? TokenizerFiles.fingerprint(folder)
                : TokenizerFiles.fingerprint(folder) + ", " + TokenizerFiles.fingerprint(templates);
    }

    private Path requireFolder() {
        if (folder == null) {
            throw new IllegalStateException("no tokenizer: the model was not loaded from a folder. Give token ids");
        }
        return folder;
    }

    @Override
    public synchronized void close() {
        if (folder != null) {
            closed = true;
            if (tokenizer != null) {
                tokenizer.close();
            }
        }
    }
}
