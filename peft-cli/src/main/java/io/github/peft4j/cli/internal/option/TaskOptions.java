package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.loading.SavedLabels;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.classification.SequenceClassification;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.embedding.TextPairs;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.models.pretrained.internal.Architecture;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a model is to do, where the checkpoint does not say it. */
public final class TaskOptions {

    private static final Map<String, Class<? extends Head>> HEADS = new LinkedHashMap<>();

    static {
        HEADS.put(LanguageHead.TASK, LanguageHead.class);
        HEADS.put(SequenceHead.TASK, SequenceHead.class);
        HEADS.put(TokenHead.TASK, TokenHead.class);
        HEADS.put(MaskedHead.TASK, MaskedHead.class);
        HEADS.put(EmbeddingHead.TASK, EmbeddingHead.class);
    }

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description =
                    "causal-lm, sequence-classification, token-classification, masked-lm or embedding. Default: what the adapter is"
                            + " for, or what the architectures of config.json say, or else causal-lm.")
    @Nullable
    String task;

    @Option(
            names = "--num-labels",
            paramLabel = "N",
            description =
                    "Outputs of a classifier whose checkpoint has none; 1 for a score. Default: as id2label, or 2.")
    @Nullable
    Integer numLabels;

    @Option(
            names = "--labels",
            paramLabel = "A,B,C",
            split = ",",
            description =
                    "Names of a classifier's outputs, in their order. Default: as checkpoint, adapter or rows to train"
                            + " on say.")
    List<String> labels = List.of();

    @Option(
            names = "--problem-type",
            paramLabel = "TYPE",
            description =
                    "regression, single_label_classification or multi_label_classification. Default: as the config"
                            + " says, or the rows.")
    @Nullable
    String problemType;

    @Option(
            names = "--scale",
            paramLabel = "X",
            description =
                    "What cosines are multiplied by where vectors of texts are trained or judged by pairs with positives; one over the"
                            + " temperature. Default: 20.")
    @Nullable
    Double scale;

    /**
     * The task.
     *
     * @param adapter the adapter's folder, or null for none
     * @throws BadInput if options do not go together
     * @throws CheckpointException if config or adapter cannot be read, or the architecture has no such head
     */
    public Task read(ModelLocation location, @Nullable Path adapter) throws CheckpointException {
        check();
        ConfigJson json = Models.config(location.folder());
        Map<String, Object> changes = changes();
        Class<? extends Head> adapted = adapter == null ? null : headOf(taskOf(adapter));
        Class<? extends Head> head = task != null
                ? HEADS.getOrDefault(task, Head.class)
                : adapted != null
                        ? adapted
                        : Architecture.of(json, Head.class).kind().type();
        boolean classifies = head == SequenceHead.class || head == TokenHead.class;
        if (!changes.isEmpty() && !classifies) {
            throw new BadInput("--num-labels, --labels and --problem-type are for --task " + SequenceHead.TASK
                    + "; the first two for " + TokenHead.TASK + " as well");
        }
        if (scale != null && head != EmbeddingHead.class) {
            throw new BadInput("--scale is for --task " + EmbeddingHead.TASK);
        }
        if (problemType != null && head != SequenceHead.class) {
            throw new BadInput("--problem-type is for --task " + SequenceHead.TASK);
        }
        boolean open = classifies && !changes.containsKey("id2label") && numLabels == null && !tellsOutputs(json, head);
        if (adapter != null && adapted == head) {
            SavedLabels saved = SavedLabels.of(adapter);
            saved.addTo(changes, SequenceHead.Labels.of(json).count());
            open &= saved.tensor() == null && !changes.containsKey("id2label");
        }
        if (scale != null) {
            changes.put(EmbeddingHead.SCALE, scale);
        }
        return new Task(head, json.with(changes), changes, open);
    }

    /** Whether a checkpoint has the head, or its config names outputs that a head like it would have. */
    private static boolean tellsOutputs(ConfigJson json, Class<? extends Head> head) throws CheckpointException {
        SequenceHead.Labels labels = SequenceHead.Labels.of(json);
        return Architecture.of(json, Head.class).kind().type() == head
                || !labels.equals(SequenceHead.Labels.numbered(labels.count()));
    }

    private void check() {
        if (task != null && !HEADS.containsKey(task)) {
            throw new BadInput("--task: expected one of " + String.join(", ", HEADS.keySet()) + ", got " + task);
        }
        Given.atLeast(1, numLabels, "--num-labels");
        if (numLabels != null && !labels.isEmpty() && numLabels != labels.size()) {
            throw new BadInput("--num-labels " + numLabels + " does not go with " + labels.size()
                    + " names in --labels: leave it out");
        }
        if (scale != null) {
            double told = scale;
            checked("--scale", () -> new TextPairs(told));
        }
        if (problemType != null) {
            String type = problemType;
            checked("--problem-type", () -> SequenceClassification.ProblemType.of(type));
        }
    }

    private static <T> T checked(String option, Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new BadInput(option + ": " + e.getMessage(), e);
        }
    }

    private Map<String, Object> changes() {
        Map<String, Object> changes = new LinkedHashMap<>();
        if (!labels.isEmpty()) {
            changes.putAll(checked("--labels", () -> new SequenceHead.Labels(labels).config()));
        } else if (numLabels != null) {
            changes.put("num_labels", numLabels);
        }
        if (problemType != null) {
            changes.put("problem_type", problemType);
        }
        return changes;
    }

    private static @Nullable Class<? extends Head> headOf(@Nullable TaskType task) {
        if (task == null) {
            return null;
        }
        return switch (task) {
            case SEQ_CLS -> SequenceHead.class;
            case TOKEN_CLS -> TokenHead.class;
            case FEATURE_EXTRACTION -> EmbeddingHead.class;
            default -> null;
        };
    }

    private static @Nullable TaskType taskOf(Path adapter) throws CheckpointException {
        return AdapterStore.readConfig(UntrustedFolder.file(adapter, AdapterStore.CONFIG), PeftMethods.discovered())
                .common()
                .taskType();
    }
}
