package io.github.peft4j.core;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    TOKEN_CLS("token-classification"),
    /** Extractive question answering. */
    QUESTION_ANS("question-answering"),
    /** Hidden states as features. */
    FEATURE_EXTRACTION("feature-extraction");

    private static final String MODULES_TO_SAVE = "modules_to_save";

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

    /**
     * The config with the head among its modules to save, as Hugging Face PEFT puts it there for this task; the config itself for a task
     * whose head stays frozen, and for a method that has no such setting.
     */
    PeftConfig withHead(PeftConfig config, PeftMethod<?> method) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>(config.settings());
        if (heads.isEmpty() || !settings.containsKey(MODULES_TO_SAVE)) {
            return config;
        }
        Set<String> names = new LinkedHashSet<>();
        if (settings.get(MODULES_TO_SAVE) instanceof List<?> given) {
            given.forEach(name -> names.add(String.valueOf(name)));
        }
        names.addAll(heads);
        settings.put(MODULES_TO_SAVE, List.copyOf(names));
        return method.read(ConfigValues.of(settings, "the " + method.name() + " config"))
                .withCommon(config.common());
    }

    /** Names of heads that Hugging Face PEFT saves for some task; a model has at most one of them. */
    static boolean isHead(String name) {
        return SEQ_CLS.heads.contains(name);
    }

    /**
     * Checks that a model has the head that a task needs, as Hugging Face's {@code AutoPeftModelFor...} classes do; no task that is told
     * is served by every model.
     *
     * @throws IllegalArgumentException if it has another
     */
    static void requireServed(@Nullable TaskType task, Model<?> model) {
        if (task != null && !task.task.equals(model.head().task())) {
            throw new IllegalArgumentException("task_type " + task + " needs another kind of model than a "
                    + model.anatomy().className() + ", whose head is for "
                    + model.head().task() + ": expected "
                    + of(model.head()) + ", or null for none");
        }
    }
}
