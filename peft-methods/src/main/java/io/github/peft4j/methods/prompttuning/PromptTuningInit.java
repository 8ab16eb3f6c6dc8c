package io.github.peft4j.methods.prompttuning;

/** How virtual tokens begin; the values of {@code prompt_tuning_init}. */
public enum PromptTuningInit {
    /** As the embeddings of a text's tokens, cut or repeated to fit. */
    TEXT,
    /** As the embeddings of tokens that are drawn from the vocabulary. */
    SAMPLE_VOCAB,
    /** Normal values of deviation 1. */
    RANDOM
}
