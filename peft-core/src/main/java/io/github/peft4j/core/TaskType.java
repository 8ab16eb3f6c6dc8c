package io.github.peft4j.core;

import io.github.peft4j.models.CausalLm;
import io.github.peft4j.models.Model;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

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

    /**
     * Checks that a model is of the kind that a task needs, as Hugging Face's {@code AutoPeftModelFor...} classes do: a causal model is for
     * {@link #CAUSAL_LM}, or for no task that is told.
     *
     * @throws IllegalArgumentException if it is of another kind
     */
    static void requireServed(@Nullable TaskType task, Model model) {
        if (task != null && task != CAUSAL_LM && model instanceof CausalLm) {
            throw new IllegalArgumentException("task_type " + task + " needs another kind of model than a "
                    + model.anatomy().className() + ", whose head predicts the next token: expected " + CAUSAL_LM
                    + ", or null for none");
        }
    }
}
