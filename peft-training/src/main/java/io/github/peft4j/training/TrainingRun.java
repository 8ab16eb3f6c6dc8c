package io.github.peft4j.training;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One run of the training loop. */
final class TrainingRun implements AutoCloseable {

    /** What a run is made of. */
    record Setup(
            Trained trained,
            TrainingConfig config,
            BatchSource source,
            GradientExchange exchange,
            BooleanSupplier stop,
            @Nullable Evaluation evaluation,
            @Nullable Path checkpoints) {}

    private final Setup setup;
    private final TrainingConfig config;
    private final Model model;
    private final Listeners listeners;
    private final TrainingPlan plan;
    private final AdamW optimizer;
    private final List<LogEntry> history = new ArrayList<>();
    private long step;
    private long lastSaved = -1;
    private long tokensBefore;
    private long tokens;
    private double seconds;

    TrainingRun(Setup setup, Listeners listeners) {
        this.setup = setup;
        this.config = setup.config;
        this.model = setup.trained.model();
        this.listeners = listeners;
        this.plan = TrainingPlan.of(config, setup.source);
        SupervisionCheck.run(model, plan, setup.source);
        this.optimizer = new AdamW(
                setup.trained.weights(), model.scope(), config.weightDecay(), WeightDecay.of(setup.trained)::applies);
    }

    TrainingResult run(@Nullable Path resumed) throws IOException {
        prepare(resumed);
        listeners.tell(listener -> listener.started(start()));
        TrainingResult.Outcome outcome = TrainingResult.Outcome.FAILED;
        try {
            outcome = loop();
        } finally {
            TrainingResult result = result(outcome);
            listeners.tell(listener -> listener.finished(result));
        }
        return result(outcome);
    }

    private void prepare(@Nullable Path resumed) throws IOException {
        if (setup.checkpoints != null && config.saveEvery() > 0) {
            List<Path> earlier = TrainingCheckpoints.in(setup.checkpoints);
            if (resumed == null && !earlier.isEmpty()) {
                throw new IllegalArgumentException(setup.checkpoints + " holds checkpoints of an earlier run, the newest "
                        + earlier.get(earlier.size() - 1).getFileName()
                        + ": resume from it, remove them, or choose another folder");
            }
            new TrainingCheckpoints(setup.checkpoints).sweep();
        }
        if (resumed != null) {
            resume(resumed);
        }
    }

    private void resume(Path checkpoint) throws IOException {
        RunState state = RunState.read(checkpoint);
        state.requireSame(settings(), checkpoint);
        if (state.step() > plan.steps()) {
            throw new IllegalArgumentException("cannot go on from " + checkpoint + ": it has done " + state.step()
                    + " steps, more than the " + plan.steps() + " that were asked for");
        }
        new SavedRun(setup.trained, optimizer).restore(checkpoint);
        step = state.step();
        lastSaved = step;
        tokensBefore = state.tokens();
        history.addAll(state.history());
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>(setup.trained.settings());
        config.decisive().forEach((name, value) -> settings.put(name, String.valueOf(value)));
        settings.put("data", setup.source.fingerprint());
        settings.put("model", model.anatomy().className() + ", " + model.precision().text());
        return settings;
    }

    private TrainingStart start() {
        return new TrainingStart(
                step, plan.steps(), plan.epochs(plan.steps()), trainableParameters(), allParameters(), history);
    }

    private TrainingResult result(TrainingResult.Outcome outcome) {
        double speed = seconds > 0 ? tokens / seconds : 0;
        return new TrainingResult(
                outcome, step, speed, ProcessMemory.peakMib(), trainableParameters(), allParameters());
    }

    private long trainableParameters() {
        return setup.trained.weights().values().stream().mapToLong(Weight::size).sum();
    }

    private long allParameters() {
        Set<Weight> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(model.weightsByPath().values());
        all.addAll(setup.trained.weights().values());
        return all.stream().mapToLong(Weight::size).sum();
    }

    private TrainingResult.Outcome loop() throws IOException {
        while (step < plan.steps()) {
            StepReport report = step();
            if (report == null) {
                save();
                return TrainingResult.Outcome.INTERRUPTED;
            }
            step = report.step();
            tokens += report.tokens();
            seconds += report.seconds();
            history.add(LogEntry.of(report, plan.epochs(step)));
            listeners.tell(listener -> listener.step(report));
            if (isDue(config.evaluateEvery())) {
                evaluate();
            }
            if (isDue(config.saveEvery()) || step == plan.steps()) {
                save();
            }
        }
        return TrainingResult.Outcome.COMPLETED;
    }

    private boolean isDue(long every) {
        return every > 0 && step % every == 0;
    }

    /** Takes the next step, or none if the run is to stop. */
    private @Nullable StepReport step() {
        long start = System.nanoTime();
        List<MicroBatch> batches = plan.places(step).stream()
                .map(place -> setup.source.batch(place.epoch(), place.index()))
                .toList();
        long supervisedHere = 0;
        long tokensHere = 0;
        for (MicroBatch batch : batches) {
            supervisedHere += model.supervisedItems(batch.rows());
            tokensHere += batch.rows().tokens();
        }
        // All processes stop at the same step, or none would wait for those that did.
        double[] totals = setup.exchange.sum(supervisedHere, tokensHere, mustStop() ? 1 : 0);
        if (totals[2] > 0 || !accumulate(batches, 1 / totals[0])) {
            return null;
        }
        double loss = setup.exchange.sum(lossHere)[0] / totals[0];
        requireFinite("the loss", loss, batches);
        setup.exchange.sumInto(optimizer.gradients());
        double rate = config.learningRate()
                * config.schedule().factor(step, config.warmupSteps(plan.steps()), plan.steps());
        double norm = optimizer.step(rate, config.maxGradNorm());
        requireFinite("the gradient norm", norm, batches);
        return new StepReport(
                step + 1, loss, norm, rate, (long) totals[1], (long) totals[0], (System.nanoTime() - start) / 1e9);
    }

    private double lossHere;

    /** Sums gradients over micro-batches; false, with nothing left over, if the run is to stop before the last. */
    private boolean accumulate(List<MicroBatch> batches, double weight) {
        lossHere = 0;
        for (int i = 0; i < batches.size(); i++) {
            if (setup.exchange == GradientExchange.LOCAL && mustStop()) {
                optimizer.clearGradients();
                return false;
            }
            Forward.Recording recording =
                    new Forward.Recording(Seeds.mix(config.seed(), step, i), config.recompute(), true);
            try (Forward context = Forward.recording(model.scope(), recording)) {
                lossHere += model.loss(context, batches.get(i).rows(), weight);
                context.backward();
            }
        }
        return true;
    }

    private void requireFinite(String what, double value, List<MicroBatch> batches) {
        if (!Double.isFinite(value)) {
            optimizer.clearGradients();
            throw new DivergenceException(what, value, step + 1, batches.toString());
        }
    }

    private boolean mustStop() {
        return Thread.currentThread().isInterrupted() || setup.stop.getAsBoolean();
    }

    private void evaluate() {
        if (setup.evaluation == null) {
            return;
        }
        EvaluationReport report = new EvaluationReport(step, setup.evaluation.run(model));
        history.add(LogEntry.of(report, plan.epochs(step)));
        listeners.tell(listener -> listener.evaluated(report));
    }

    private void save() throws IOException {
        Path folder = setup.checkpoints;
        if (folder == null || config.saveEvery() == 0 || step == lastSaved || step == 0) {
            return;
        }
        RunState state = new RunState(step, plan, tokensBefore + tokens, history, settings());
        Path[] written = new Path[1];
        Uninterrupted.run(() -> written[0] = new TrainingCheckpoints(folder)
                .write(step, config.keep(), hidden -> new SavedRun(setup.trained, optimizer).write(hidden, state, config)));
        lastSaved = step;
        listeners.tell(listener -> listener.saved(new SavedReport(step, written[0])));
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
