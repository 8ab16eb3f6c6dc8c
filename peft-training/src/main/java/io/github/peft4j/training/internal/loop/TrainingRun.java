package io.github.peft4j.training.internal.loop;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.internal.natives.EngineThreads;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.config.internal.DecisiveSettings;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.internal.state.ProcessMemory;
import io.github.peft4j.training.internal.state.RunState;
import io.github.peft4j.training.internal.state.RunStateReader;
import io.github.peft4j.training.internal.state.SavedRun;
import io.github.peft4j.training.internal.state.TrainingCheckpoints;
import io.github.peft4j.training.internal.state.TrainingPlan;
import io.github.peft4j.training.internal.work.WorkerChoice;
import io.github.peft4j.training.internal.work.Workers;
import io.github.peft4j.training.optimizer.internal.AdamW;
import io.github.peft4j.training.optimizer.internal.Depth;
import io.github.peft4j.training.optimizer.internal.GroupedWeights;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the training loop: steps, evaluations, checkpoints, and what is told of them. */
public final class TrainingRun implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

    private final TrainingSetup setup;
    private final TrainingConfig config;
    private final Model<?> model;
    private final Listeners listeners;
    private final TrainingPlan plan;
    private final StepBatches data;
    private final AdamW optimizer;
    private final TrainingStep stepper;
    private final RunWatch watch;
    private final BestSoFar best;
    private final long trainableParameters;
    private final long allParameters;
    private final RunLog log = new RunLog();
    private Workers workers;
    private long step;
    private long lastSaved;
    private long tokensBefore;
    private long tokens;
    private double seconds;

    public TrainingRun(TrainingSetup setup, Listeners listeners) throws IOException {
        this.setup = setup;
        this.config = setup.config();
        this.model = setup.model();
        this.listeners = listeners;
        setup.requireComplete();
        this.plan = TrainingPlan.of(config, setup.source());
        SupervisionCheck supervision = new SupervisionCheck(model, setup.objective(), plan, setup.source());
        supervision.run();
        this.data = new StepBatches(plan, setup.source(), supervision);
        if (setup.evaluation() != null) {
            setup.evaluation().items(model, setup.objective());
        }
        this.best = BestSoFar.of(config, setup.evaluation(), model);
        try (Lease pass = model.leases().pass()) {
            Map<String, Weight> weights = setup.trained().weights();
            this.trainableParameters = size(weights.values());
            this.allParameters = setup.trained().parameters();
            Map<String, AdamW.Settings> settings = new GroupedWeights(
                            config.groups(), Depth.in(model), setup.trained().names())
                    .settings(
                            WeightDecay.of(setup.trained())
                                    .traits(setup.trained().factors()),
                            new AdamW.Settings(config.learningRate(), config.weightDecay()));
            tell(settings);
            this.optimizer = new AdamW(weights, model.scope(), settings::get);
        }
        this.workers = new Workers(chosenWorkers(), model.leases());
        this.stepper = new TrainingStep(setup, optimizer);
        this.watch = new RunWatch(() -> stepper.loss(data.first()));
    }

    /** Says the rates where they are not all one. */
    private static void tell(Map<String, AdamW.Settings> settings) {
        Map<Double, List<String>> byRate = new TreeMap<>(Comparator.reverseOrder());
        settings.forEach((name, own) -> byRate.computeIfAbsent(own.learningRate(), rate -> new ArrayList<>())
                .add(name));
        if (byRate.size() > 1) {
            byRate.forEach((rate, names) -> LOG.info("learning rate {} for {}", rate, Listed.names(names)));
        }
    }

    private int chosenWorkers() {
        if (setup.objective().comparesRows() || model.scope().device().isGpu()) {
            return 1;
        }
        int rows = config.batchTokens() > 0 ? EngineThreads.here() : config.batchSize();
        return config.workers() > 0
                ? config.workers()
                : new WorkerChoice(EngineThreads.here(), rows, allParameters, trainableParameters).count();
    }

    /**
     * Runs to the end, or until it is stopped.
     *
     * @param resumed the checkpoint to go on from, or null
     */
    public TrainingResult run(@Nullable Path resumed) throws IOException {
        if (resumed != null) {
            resume(resumed);
        } else if (writes()) {
            requireNoCheckpoints(Objects.requireNonNull(setup.checkpoints()));
        }
        TrainingListener.Start start = new TrainingListener.Start(
                step,
                plan.steps(),
                plan.epochs(plan.steps()),
                trainableParameters,
                allParameters,
                log.entries(),
                settings());
        listeners.tell(listener -> listener.started(start));
        TrainingResult result = result(TrainingResult.Outcome.FAILED, List.of());
        try {
            TrainingResult.Outcome outcome = loop();
            result = result(outcome, watch.standing());
            return result;
        } finally {
            TrainingResult end = result.outcome() == TrainingResult.Outcome.FAILED
                    ? result(TrainingResult.Outcome.FAILED, List.of())
                    : result;
            listeners.tell(listener -> listener.finished(end));
        }
    }

    /** Whether it writes checkpoints. */
    public boolean writes() {
        return setup.checkpoints() != null && (config.saveEvery() > 0 || best.wanted());
    }

    /** Two runs in one folder would replace each other's checkpoints, and a resume would take whichever is further. */
    private static void requireNoCheckpoints(Path folder) throws IOException {
        Optional<Path> earlier = TrainingCheckpoints.newest(folder);
        if (earlier.isPresent()) {
            throw new IllegalArgumentException(folder + " holds checkpoints of an earlier run, the newest "
                    + earlier.get().getFileName() + ": resume from it, remove them, or choose another folder");
        }
    }

    private void resume(Path checkpoint) throws IOException {
        RunState state = RunStateReader.read(checkpoint);
        if (config.workers() == 0) {
            workers = new Workers(state.workers(), model.leases());
        }
        state.requireSame(settings(), plan, checkpoint);
        try (Lease change = model.leases().change()) {
            new SavedRun(setup.trained(), optimizer).restore(checkpoint, state.step());
        }
        data.recall(state, checkpoint);
        step = state.step();
        lastSaved = step;
        tokensBefore = state.tokens();
        state.history().forEach(log::add);
        watch.recall(state.history());
        best.recall(state.history());
        if (best.best() != null) {
            bestCheckpoint();
        }
    }

    /** That of the best evaluation so far, which there must be. */
    private Path bestCheckpoint() throws IOException {
        try {
            return TrainingCheckpoints.existing(Objects.requireNonNull(setup.checkpoints()), best.step());
        } catch (CheckpointException e) {
            throw new CheckpointException(
                    "the best weights so far cannot be had: " + e.getMessage() + ". Put them back, or begin anew", e);
        }
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        try (Lease pass = model.leases().pass()) {
            settings.putAll(setup.trained().settings());
        }
        settings.putAll(setup.objective().settings());
        if (!model.head().told().isEmpty()) {
            settings.put("labels", JsonWriter.LINE.write(model.head().told()));
        }
        DecisiveSettings.of(config).forEach((name, value) -> settings.put(name, String.valueOf(value)));
        if (workers.count() > 1) {
            settings.put(RunState.WORKERS, String.valueOf(workers.count()));
        }
        settings.put("data", setup.source().fingerprint());
        settings.put(
                "model",
                model.anatomy().className() + ", " + allParameters + " parameters, "
                        + model.precision().text());
        return settings;
    }

    private TrainingResult result(TrainingResult.Outcome outcome, List<TrainingResult.Warning> warnings) {
        double speed = seconds > 0 ? tokens / seconds : 0;
        return new TrainingResult(
                outcome,
                step,
                speed,
                data.share(seconds),
                ProcessMemory.peakMib(),
                trainableParameters,
                allParameters,
                best.best(),
                warnings);
    }

    /** Of weights each once. */
    private static long size(Collection<Weight> weights) {
        Set<Weight> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(weights);
        return all.stream().mapToLong(Weight::size).sum();
    }

    private TrainingResult.Outcome loop() throws IOException {
        while (step < plan.steps() && !best.isExhausted()) {
            Optional<TrainingListener.Step> taken = stepper.take(step, plan.steps(), next(), workers);
            if (taken.isEmpty()) {
                saveToGoOn();
                return TrainingResult.Outcome.INTERRUPTED;
            }
            done(taken.get());
            boolean last = step == plan.steps();
            if (isDue(config.evaluateEvery()) || (last && best.wanted())) {
                evaluate();
            }
            if (isDue(config.saveEvery()) || last || best.isExhausted()) {
                saveToGoOn();
            }
        }
        takeBest();
        return step < plan.steps() ? TrainingResult.Outcome.STOPPED_EARLY : TrainingResult.Outcome.COMPLETED;
    }

    /** The micro-batches of the next step; before rows on the way that cannot be used end the run, a checkpoint is written. */
    private List<BatchSource.MicroBatch> next() throws IOException {
        try {
            return data.next(step);
        } catch (DataException e) {
            saveToGoOn();
            throw e;
        }
    }

    private void done(TrainingListener.Step report) {
        step = report.step();
        tokens += report.tokens();
        seconds += report.seconds();
        log.add(TrainingListener.Logged.of(report, plan.epochs(step)));
        listeners.tell(listener -> listener.step(report));
        watch.done(report);
    }

    private boolean isDue(long every) {
        return every > 0 && step % every == 0;
    }

    private void evaluate() throws IOException {
        Evaluation.Result result =
                Objects.requireNonNull(setup.evaluation()).run(model, setup.objective(), workers.count());
        TrainingListener.Evaluated report = new TrainingListener.Evaluated(step, result);
        TrainingListener.Logged logged = TrainingListener.Logged.of(report, plan.epochs(step));
        log.add(logged);
        listeners.tell(listener -> listener.evaluated(report));
        if (best.note(logged)) {
            save();
        }
    }

    /** Puts the best weights in the place of the last. */
    private void takeBest() throws IOException {
        if (best.best() == null || best.step() == step) {
            return;
        }
        try (Lease change = model.leases().change()) {
            new SavedRun(setup.trained(), optimizer).restore(bestCheckpoint(), best.step());
        }
    }

    /** Writes a checkpoint of where the run stands, unless none is wanted. */
    private void saveToGoOn() throws IOException {
        if (config.saveEvery() > 0) {
            save();
        }
    }

    /** Writes a checkpoint of where the run stands, unless there is no place for it or it has just been written. */
    private void save() throws IOException {
        Path folder = setup.checkpoints();
        if (folder == null || step == lastSaved) {
            return;
        }
        RunState state = new RunState(step, plan, tokensBefore + tokens, log.entries(), settings(), data.mark(step));
        SavedRun saved = new SavedRun(setup.trained(), optimizer);
        int keep = config.saveEvery() > 0 ? config.keep() : 1;
        Uninterrupted.run(
                model.leases(),
                () -> new TrainingCheckpoints(folder)
                        .write(step, keep, best.step(), hidden -> saved.write(hidden, state, config, best.best())));
        lastSaved = step;
        TrainingListener.Saved report = new TrainingListener.Saved(step, TrainingCheckpoints.folder(folder, step));
        listeners.tell(listener -> listener.saved(report));
    }

    @Override
    public void close() {
        workers.close();
        optimizer.close();
    }
}
