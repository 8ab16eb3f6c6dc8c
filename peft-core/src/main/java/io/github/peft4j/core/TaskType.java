package io.github.peft4j.core;

import java.util.Arrays;

/** What a model is used for, as {@code adapter_config.json} spells it. */
public enum TaskType {
    /** Sequence classification. */
    SEQ_CLS,
    /** Sequence to sequence. */
    SEQ_2_SEQ_LM,
    /** Causal language modelling. */
    CAUSAL_LM,
    /** Token classification. */
    TOKEN_CLS,
    /** Extractive question answering. */
    QUESTION_ANS,
    /** Hidden states as features. */
    FEATURE_EXTRACTION;

    /**
     * The task with a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static TaskType of(String name) {
        return Arrays.stream(values())
                .filter(type -> type.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Invalid task type: '" + name
                        + "'. Must be one of the following task types: "
                        + Arrays.toString(values()).replaceAll("[\\[\\]]", "") + "."));
    }
}
