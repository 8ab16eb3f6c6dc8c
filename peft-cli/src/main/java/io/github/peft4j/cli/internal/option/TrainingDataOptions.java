package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.loading.Vocabulary;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.text.template.internal.ModelText;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.batch.internal.LazyBatches;
import io.github.peft4j.training.batch.internal.PaddedBatches;
import io.github.peft4j.training.batch.internal.RowBatches;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.internal.FoundLabels;
import io.github.peft4j.training.data.internal.RowSources;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is evaluated on beside the training, and how rows are taken. */
public final class TrainingDataOptions {

    @Option(
            names = "--eval-data",
            paramLabel = "PATH",
            description = "Held-out rows to evaluate on: a file, a pattern of names, or a folder of data files.")
    @Nullable
    public Path evalData;

    @Option(
            names = "--eval-split",
            paramLabel = "NAME",
            description = "Which rows of --eval-data, as --split. Default: validation, else test, or the only one.")
    @Nullable
    String evalSplit;

    @Option(
            names = "--eval-every",
            paramLabel = "N",
            description = "Evaluate on --eval-data every N steps. Default: only at the end.")
    long evalEvery;

    @Option(
            names = "--best-metric",
            paramLabel = "NAME",
            description = "Keep the weights with the best loss, or metric (f1_macro, roc_auc, mse, ndcg@10, ...), on"
                    + " --eval-data: checkpoint-STEP has them, and so has --output at the end. Default: those of the"
                    + " last step.")
    @Nullable
    String bestMetric;

    @Option(
            names = "--early-stopping",
            paramLabel = "N",
            description =
                    "Stop after N evaluations in a row that were no better than the best, by --best-metric or else"
                            + " loss; --output has the best. Default: never.")
    int earlyStopping;

    @Option(
            names = "--early-stopping-threshold",
            paramLabel = "X",
            description =
                    "With --early-stopping: an evaluation must be better than the best by more than X for the training to go on."
                            + " Default: 0.")
    @Nullable
    Double earlyStoppingThreshold;

    @Option(names = "--no-shuffle", description = "Take the rows in their order in every pass.")
    boolean noShuffle;

    @Option(
            names = "--no-packing",
            description = "Pad the rows of a batch to the longest as Hugging Face does: the same numbers, slower.")
    boolean noPacking;

    /**
     * Adds when to evaluate, and what follows from it.
     *
     * @throws BadInput if there is nothing to evaluate on, or no time for it
     */
    public TrainingConfig.Builder addTo(TrainingConfig.Builder settings) {
        Given.atLeast(0, evalEvery, "--eval-every");
        Given.atLeast(0, earlyStopping, "--early-stopping");
        Given.needs(evalEvery > 0, "--eval-every", evalData != null, "--eval-data");
        Given.needs(evalSplit != null, "--eval-split", evalData != null, "--eval-data");
        Given.needs(bestMetric != null, "--best-metric", evalEvery > 0, "--eval-every");
        Given.needs(earlyStopping > 0, "--early-stopping", evalEvery > 0, "--eval-every");
        Given.needs(
                earlyStoppingThreshold != null, "--early-stopping-threshold", earlyStopping > 0, "--early-stopping");
        return settings.shuffle(!noShuffle)
                .evaluateEvery(evalEvery)
                .bestMetric(bestMetric)
                .earlyStopping(earlyStopping)
                .earlyStoppingThreshold(earlyStoppingThreshold == null ? 0 : earlyStoppingThreshold);
    }

    /**
     * Finds data sets that are named by a hub.
     *
     * @throws IOException if the hub does not give one
     */
    public void find(RowOptions rows, Hub hub) throws IOException {
        rows.find(hub);
        evalData = evalData == null ? null : RowSources.found(evalData, hub);
    }

    /**
     * Checks what rows are for against how they are taken.
     *
     * @throws BadInput if they do not go together
     */
    public void check(Task task) {
        if (task.judges() && noPacking) {
            throw new BadInput(
                    "--no-packing is for next tokens: other rows are read as a whole, so padding is left out of"
                            + " them");
        }
    }

    /**
     * Rows to train on, and rows to evaluate on if there are any.
     *
     * @param task what the model is to do, with what the rows say of its outputs
     * @param rows to train on; of those that are not in memory some
     * @param heldOut to evaluate on, or null
     * @param lazy rows to train on that are not in memory, or null
     * @param text what encodes these
     */
    public record Sets(
            Task task,
            Dataset rows,
            @Nullable Dataset heldOut,
            @Nullable LazyBatches lazy,
            ModelText text) implements AutoCloseable {

        @Override
        public void close() {
            if (lazy != null) {
                lazy.close();
            }
            text.close();
        }
    }

    /**
     * Reads all rows.
     *
     * @param feed the rows to train on in their order
     * @param vocabulary what text becomes, and token ids must be of
     * @param asked what the model is to do
     * @throws IOException if a file cannot be read or a row is no example
     */
    public Sets read(RowFeed feed, RowOptions rows, Vocabulary vocabulary, Console console, Task asked)
            throws IOException {
        Task task = named(rows, console, asked);
        Map<String, RowFeed> sets = new LinkedHashMap<>();
        sets.put("data", feed);
        sets.putAll(heldOut(rows));
        List<Dataset> read = rows.read(vocabulary, sets, console, task.labels(true));
        Dataset heldOut = read.size() > 1 ? read.get(1) : null;
        return new Sets(task.learning(read.get(0).rows()), read.get(0), heldOut, null, ModelText.NONE);
    }

    /**
     * Reads the rows to evaluate on, where those to train on are not in memory.
     *
     * @param text what encodes these
     * @throws IOException if a file cannot be read or a row is no example
     */
    public Sets read(
            LazyBatches lazy, ModelText text, RowOptions rows, Vocabulary vocabulary, Console console, Task asked)
            throws IOException {
        List<Dataset> read = rows.read(vocabulary, heldOut(rows), console, asked.labels(true));
        Dataset first = new Dataset(lazy.firstRows(), lazy.firstReport());
        return new Sets(asked.learning(first.rows()), first, read.isEmpty() ? null : read.get(0), lazy, text);
    }

    private Map<String, RowFeed> heldOut(RowOptions rows) throws IOException {
        return evalData == null ? Map.of() : Map.of("held out", RowFeed.inTurn(rows.heldOut(evalData, evalSplit)));
    }

    /**
     * The task with outputs as the rows to train on call them, where nothing else says it.
     *
     * @throws IOException if a file cannot be read
     */
    public Task named(RowOptions rows, Console console, Task task) throws IOException {
        if (!task.open()) {
            return task;
        }
        boolean perToken = task.head() == TokenHead.class;
        FoundLabels found = FoundLabels.in(rows.sources(), perToken);
        Optional<SequenceHead.Labels> outputs = found.outputs();
        if (outputs.isEmpty()) {
            return task;
        }
        if (evalData != null && !found.names().isEmpty()) {
            List<String> other = new ArrayList<>(
                    FoundLabels.in(rows.heldOut(evalData, evalSplit), perToken).names());
            other.removeAll(found.names());
            if (!other.isEmpty()) {
                throw new BadInput("--eval-data: " + evalData + " has the labels " + JsonWriter.shown(other)
                        + ", which no row of --data has; those there are "
                        + JsonWriter.shown(List.copyOf(found.names()))
                        + ". Put rows with them into --data, or name all with --labels");
            }
        }
        SequenceHead.Labels labels = outputs.get();
        console.note("labels   as the rows to train on have them: "
                + (found.named() ? labels.count() + ", " + Listed.names(labels.names()) : labels.count() + " outputs"));
        return found.named() ? task.with(labels.config()) : task.with(Map.of("num_labels", labels.count()));
    }

    /**
     * Checks that a model can learn from rows, and be evaluated on them.
     *
     * @return those to evaluate on, or null
     * @throws BadInput if it cannot
     */
    public @Nullable List<Row> check(Sets sets, RowOptions rows, Model<?> base) {
        RowOptions.requireReadable(sets.rows().rows(), base, "--data");
        if (sets.lazy() != null) {
            sets.lazy().check(more -> requireReadable(more, base));
        }
        RowOptions.requireSupervised(sets.rows().rows(), base, rows.files);
        if (sets.heldOut() == null || evalData == null) {
            return null;
        }
        RowOptions.requireReadable(sets.heldOut().rows(), base, "--eval-data");
        List<Row> heldOut = sets.heldOut().rows();
        RowOptions.requireSupervised(heldOut, base, List.of(evalData));
        return heldOut;
    }

    /** On the way it is the data that is found wanting, not an option. */
    private static void requireReadable(List<Row> rows, Model<?> base) {
        try {
            RowOptions.requireReadable(rows, base, "--data");
        } catch (BadInput e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * The rows to train on as micro-batches.
     *
     * @throws BadInput if there are none
     */
    public BatchSource source(Sets sets, TrainingConfig settings) {
        BatchSource batches = sets.lazy() == null
                ? BadInput.when(() -> new RowBatches(sets.rows().rows(), settings))
                : sets.lazy();
        return noPacking ? new PaddedBatches(batches) : batches;
    }
}
