package io.github.peft4j.models;

import org.jspecify.annotations.Nullable;

/** The sizes that every architecture's config has, whatever its keys are called there. */
public interface ModelConfig {

    /** Hugging Face's {@code model_type}. */
    String modelType();

    /** V, entries of the vocabulary. */
    int vocabSize();

    /** D, width of the hidden states. */
    int hiddenSize();

    /** De, width of token embeddings: D unless the config says otherwise. */
    default int embeddingSize() {
        return hiddenSize();
    }

    /** Do, width of what heads read: De unless the config says otherwise. */
    default int outputSize() {
        return embeddingSize();
    }

    /** L, number of blocks. */
    int layers();

    /** H, number of attention heads. */
    int heads();

    /** K, number of key/value heads: H unless heads share them. */
    default int keyValueHeads() {
        return heads();
    }

    /** Dh, size of a head: D / H unless the config says otherwise. */
    default int headSize() {
        return hiddenSize() / heads();
    }

    /** F, inner width of the feed-forward part. */
    int feedForwardSize();

    /** Positions the model was made for, or 0 if the config names none. Only a table of learned positions enforces it. */
    int maxPositions();

    /** How many types of tokens there are, for rows of several texts; 0 if the architecture knows of none. */
    default int tokenTypes() {
        return 0;
    }

    /** Whether the output layer shares the token embedding's weight, unless the checkpoint holds two different ones. */
    boolean tied();

    /** The token whose embedding is not trained, or null. */
    default @Nullable Integer paddingToken() {
        return null;
    }
}
