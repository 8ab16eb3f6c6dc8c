package io.github.peft4j.training.internal.loop;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.training.batch.BatchSource;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.optimizer.GradientExchange;
import io.github.peft4j.training.optimizer.internal.AdamW;
import io.github.peft4j.training.progress.DivergenceException;
import io.github.peft4j.training.progress.TrainingListener;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/**
 * One optimizer step: gradients of its micro-batches, each weighted by one over the items of all of them, then clipping and
 * AdamW.
 */
final class TrainingStep {

    private final Model<?> model;
    private final Objective objective;
    private final TrainingConfig config;
    private final AdamW optimizer;
    private final GradientExchange exchange;
    private final BooleanSupplier stop;
    private final NativeHeap heap = new NativeHeap();

    TrainingStep(
            Model<?> model,
            Objective objective,
            TrainingConfig config,
            AdamW optimizer,
            GradientExchange exchange,
            BooleanSupplier stop) {
        this.model = model;
        this.objective = objective;
        this.config = config;
        this.optimizer = optimizer;
        this.exchange = exchange;
        this.stop = stop;
    }

    /**
     * Takes a step, or none if the run is to stop. The model is this thread's alone meanwhile; texts that others generate with it are waited for.
     *
     * @param step steps done before it
     * @param total steps of the run
     * @throws DivergenceException if loss or gradients are not finite; weights and moments are as before
     * @throws IllegalStateException if the model is closed, or what is trained was taken out of it
     */
    Optional<TrainingListener.Step> take(long step, long total, List<BatchSource.MicroBatch> batches) {
        try (Lease alone = model.leases().change()) {
            return takeAlone(step, total, batches);
        }
    }

    private Optional<TrainingListener.Step> takeAlone(long step, long total, List<BatchSource.MicroBatch> batches) {
        long start = System.nanoTime();
        long supervised = 0;
        long tokens = 0;
        for (BatchSource.MicroBatch batch : batches) {
            supervised += objective.items(model, batch.rows());
            tokens += batch.tokens();
        }
        // All processes stop at the same step, or some would wait for ever for those that did.
        double[] totals = exchange.sum((double) supervised, (double) tokens, mustStop() ? 1 : 0);
        OptionalDouble sum = totals[2] > 0 ? OptionalDouble.empty() : accumulate(step, batches, 1 / totals[0]);
        if (sum.isEmpty()) {
            return Optional.empty();
        }
        double loss = exchange.sum(sum.getAsDouble())[0] / totals[0];
        requireFinite("the loss", loss, step, batches);
        exchange.sumInto(optimizer.gradients());
        double share = config.schedule().factor(step, config.warmupSteps(total), total);
        double norm = optimizer.step(share, config.maxGradNorm());
        requireFinite("the gradient norm", norm, step, batches);
        double seconds = (System.nanoTime() - start) / 1e9;
        double rate = config.learningRate() * share;
        return Optional.of(
                new TrainingListener.Step(step + 1, loss, norm, rate, (long) totals[1], (long) totals[0], seconds));
    }

    /** The summed loss of the micro-batches; nothing, and no gradients left over, if the run is to stop before the last. */
    private OptionalDouble accumulate(long step, List<BatchSource.MicroBatch> batches, double weight) {
        double loss = 0;
        for (int i = 0; i < batches.size(); i++) {
            if (exchange == GradientExchange.LOCAL && mustStop()) {
                optimizer.clearGradients();
                return OptionalDouble.empty();
            }
            heap.before(batches.get(i).tokens());
            Forward.Recording recording =
                    new Forward.Recording(Seeds.mix(config.seed(), step, i), config.recompute(), true);
            try (Forward context = Forward.recording(model.scope(), recording)) {
                loss += objective.loss(context, model, batches.get(i).rows(), weight);
                context.backward();
            }
        }
        return OptionalDouble.of(loss);
    }

    /** The loss of rows with the weights as they are, without dropout; a mean as that of a step is. */
    double loss(List<BatchSource.MicroBatch> batches) {
        double loss = 0;
        double supervised = 0;
        for (BatchSource.MicroBatch batch : batches) {
            supervised += objective.items(model, batch.rows());
            try (Forward context = Forward.inference(model.scope())) {
                loss += objective.loss(context, model, batch.rows(), 1);
            }
        }
        double[] totals = exchange.sum(loss, supervised);
        return totals[0] / totals[1];
    }

    private void requireFinite(String what, double value, long step, List<BatchSource.MicroBatch> batches) {
        if (!Double.isFinite(value)) {
            optimizer.clearGradients();
            throw new DivergenceException(what, value, step + 1, batches.toString());
        }
    }

    private boolean mustStop() {
        return Thread.currentThread().isInterrupted() || stop.getAsBoolean();
    }
}
