package io.github.peft4j.training;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.batch.internal.CachedBatches;
import io.github.peft4j.training.batch.internal.RowBatches;
import io.github.peft4j.training.batch.internal.StreamBatches;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.cache.internal.TokenCache;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.internal.loop.Listeners;
import io.github.peft4j.training.internal.loop.TrainingRun;
import io.github.peft4j.training.internal.loop.TrainingSetup;
import io.github.peft4j.training.internal.loop.Uninterrupted;
import io.github.peft4j.training.internal.state.Trained;
import io.github.peft4j.training.internal.state.TrainedAdapters;
import io.github.peft4j.training.internal.state.TrainedModel;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import io.github.peft4j.training.optimizer.GradientExchange;
import io.github.peft4j.training.progress.DivergenceException;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fine-tunes a model: its adapters, or all of its weights.
 *
 * <pre>{@code
 * TrainingConfig config = TrainingConfig.builder().steps(100).learningRate(2e-4).saveEvery(50).build();
 * FineTuner tuner = FineTuner.of(peft, config).checkpointsIn(output).listener(new CsvReport(output));
 * TrainingResult result = tuner.train(rows);
 * tuner.save(output);
 * }</pre>
 *
 * <p>Numbers equal those of transformers' {@code Trainer}: a step's loss is the mean over the items, supervised tokens or rows, of its whole
 * accumulated batch, gradients are clipped by their global norm, AdamW is torch's, the schedules are transformers'. As there, weight decay spares
 * biases and norms, and touches adapter matrices. Equal seeds give equal numbers, also when a run is resumed, on
 * one kind of processor with one number of threads.
 *
 * <p>A run stops between two micro-batches when its thread is interrupted or {@link #stopWhen} says so. The unfinished step is
 * dropped, and a checkpoint is written if checkpoints are written at all; the thread stays interrupted. A run that keeps the best weights by
 * {@link TrainingConfig#bestMetric} writes a checkpoint of each that is better, and leaves the best in the model. Not safe for concurrent use itself;
 * but other threads may compute with the model meanwhile, between steps.
 */
public final class FineTuner {

    private final Trained trained;
    private final TrainingConfig config;
    private Objective objective;
    private final Listeners listeners = new Listeners();
    private GradientExchange exchange = GradientExchange.LOCAL;
    private BooleanSupplier stop = () -> false;
    private @Nullable Evaluation evaluation;
    private @Nullable Path checkpoints;
    private @Nullable ClaimedFolder claimed;
    private @Nullable Path resumed;

    private FineTuner(Trained trained, TrainingConfig config) {
        this.trained = trained;
        this.objective = trained.model().head().objective();
        this.config = config;
    }

    /**
     * Fine-tunes the trainable adapters of a model. What the config's groups freeze of them stays so until {@link PeftModel#setTrainable}.
     *
     * @throws IllegalArgumentException if none is trainable, or the config's groups leave nothing to train
     */
    public static FineTuner of(PeftModel<?> model, TrainingConfig config) {
        if (new TrainedAdapters(model).weights().isEmpty()) {
            throw new IllegalArgumentException("none of the adapters " + model.names()
                    + " is trainable: call PeftModel.setTrainable with the names of those to train");
        }
        return new FineTuner(TrainedAdapters.of(model, config.groups()), config);
    }

    /**
     * Fine-tunes every weight of a model that the config's groups do not freeze, tied ones once: float32 weights are trained, computations stay in the model's format, and
     * what is saved is an ordinary checkpoint in that format, with the config and tokenizer of the one it was loaded from.
     *
     * @throws IllegalArgumentException if it was not loaded from a folder, or nothing is left to train
     */
    public static FineTuner full(Model<?> model, TrainingConfig config) {
        return new FineTuner(TrainedModel.of(model, config.groups()), config);
    }

    /** Learns something else than what the model's head learns by itself. */
    public FineTuner objective(Objective other) {
        objective = other;
        return this;
    }

    /** Tells a listener what happens. */
    public FineTuner listener(TrainingListener listener) {
        listeners.add(listener);
        return this;
    }

    /** Evaluates on these rows as often as the config says. */
    public FineTuner evaluateOn(List<Row> rows) {
        evaluation = new Evaluation(rows);
        return this;
    }

    /** Writes checkpoints into a folder as often as the config says; no other run may write into it meanwhile. */
    public FineTuner checkpointsIn(Path folder) {
        checkpoints = folder;
        claimed = null;
        return this;
    }

    /** {@link #checkpointsIn(Path)} of a folder that the caller has claimed, for longer than the run. */
    public FineTuner checkpointsIn(ClaimedFolder folder) {
        checkpoints = folder.path();
        claimed = folder;
        return this;
    }

    /**
     * Goes on from a checkpoint of an earlier run, for example {@link TrainingCheckpoints#newest}. Data and settings must be the same,
     * but for the length of the run and how often it saves and evaluates. A run made longer follows its schedule as if it had been that
     * long from the start, as with transformers; its numbers are those of one long run only if the schedule is constant.
     */
    public FineTuner resumeFrom(Path checkpoint) {
        resumed = checkpoint;
        return this;
    }

    /** Stops the run when this says so; asked between micro-batches. */
    public FineTuner stopWhen(BooleanSupplier condition) {
        stop = condition;
        return this;
    }

    /** Trains together with other processes. */
    public FineTuner exchange(GradientExchange with) {
        exchange = with;
        return this;
    }

    /**
     * Trains on rows in memory.
     *
     * @throws IllegalArgumentException if a step would have no supervised token, evaluations do not have the metric by which the best is kept,
     *     or the run to go on from differs
     * @throws CheckpointException if the checkpoint to go on from is damaged or does not fit
     * @throws DivergenceException if the loss or the gradients are infinite or not numbers
     * @throws IllegalStateException if the model is closed meanwhile, or what is trained is taken out of it
     * @throws io.github.peft4j.models.internal.output.FolderInUseException if another run writes into the folder for checkpoints
     * @throws IOException if a checkpoint cannot be written
     */
    public TrainingResult train(List<Row> rows) throws IOException {
        return train(new RowBatches(rows, config));
    }

    /**
     * Trains on rows that are read on the way, as {@link #train(List)}; the config must say how many steps. Rows that cannot be used end the run when it
     * comes to them, with a checkpoint if checkpoints are written.
     *
     * @throws IOException also if rows cannot be read or used
     */
    public TrainingResult train(Dataset.Streamed rows) throws IOException {
        try (StreamBatches source = new StreamBatches(rows, config)) {
            return train(source);
        }
    }

    /**
     * Trains on rows that are encoded once into a file, as {@link #train(List)}, with the same numbers.
     *
     * @throws IOException also if rows cannot be read or used, or the file cannot be written
     */
    public TrainingResult train(Dataset.Cached rows) throws IOException {
        try (CachedBatches source = new CachedBatches(rows, config, TokenCache.Progress.NONE)) {
            return train(source);
        }
    }

    /** Trains on micro-batches; as {@link #train(List)}. */
    public TrainingResult train(BatchSource source) throws IOException {
        trained.requireSavable();
        TrainingSetup setup =
                new TrainingSetup(trained, objective, config, source, exchange, stop, evaluation, checkpoints);
        try (TrainingRun run = new TrainingRun(setup, listeners);
                ClaimedFolder own = run.writes() && claimed == null ? ClaimedFolder.claim(checkpoints()) : null) {
            return run.run(resumed);
        }
    }

    private Path checkpoints() {
        return Objects.requireNonNull(checkpoints);
    }

    /**
     * Saves what was trained: adapter folders as Hugging Face PEFT lays them out, or a whole checkpoint.
     *
     * @throws io.github.peft4j.models.internal.output.FolderInUseException if a run of another process writes into the folder
     * @throws IOException if writing fails
     */
    public void save(Path folder) throws IOException {
        Uninterrupted.run(trained.model().leases(), () -> trained.save(folder));
    }
}
