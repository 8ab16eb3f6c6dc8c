package io.github.peft4j.core.config;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a model is used for, as {@code adapter_config.json} spells it. */
public enum TaskType {
    /** Sequence classification. */
    SEQ_CLS("sequence-classification", "classifier", "score"),
    /** Sequence to sequence. */
    SEQ_2_SEQ_LM("seq2seq-lm"),
    /** Causal language modelling. */
    CAUSAL_LM("causal-lm"),
    /** Token classification. */
    TOKEN_CLS("token-classification", "classifier", "score"),
    /** Extractive question answering. */
    QUESTION_ANS("question-answering"),
    /** Hidden states as features. */
    FEATURE_EXTRACTION("embedding");

    private final String task;
    private final List<String> heads;

    TaskType(String task, String... heads) {
        this.task = task;
        this.heads = List.of(heads);
    }

    /** What a model with this head is used for; null if Hugging Face PEFT has no word for it. */
    public static @Nullable TaskType of(Head head) {
        return Arrays.stream(values())
                .filter(type -> type.task.equals(head.task()))
                .findFirst()
                .orElse(null);
    }

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

    /** Names of heads of which Hugging Face PEFT trains and saves the one that a model has; none if the head stays frozen. */
    public List<String> trainedHeads() {
        return heads;
    }

    /** Names of heads that Hugging Face PEFT saves for some task; a model has at most one of them. */
    public static boolean isHead(String name) {
        return SEQ_CLS.heads.contains(name);
    }

    /**
     * Checks that a model has the head that a task needs, as Hugging Face's {@code AutoPeftModelFor...} classes do; no task that is told
     * is served by every model.
     *
     * @throws IllegalArgumentException if it has another
     */
    public static void requireServed(@Nullable TaskType task, Model<?> model) {
        if (task != null && !task.task.equals(model.head().task())) {
            throw new IllegalArgumentException("task_type " + task + " needs another kind of model than a "
                    + model.anatomy().className() + ", whose head is for "
                    + model.head().task() + ": expected "
                    + of(model.head()) + ", or null for none");
        }
    }
}
