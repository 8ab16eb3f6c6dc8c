package io.github.peft4j.training.internal.loop;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.kernel.OwnGradients;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.training.batch.internal.BatchSource;
import io.github.peft4j.training.internal.work.RowShares;
import io.github.peft4j.training.internal.work.Workers;
import io.github.peft4j.training.optimizer.GradientExchange;
import io.github.peft4j.training.optimizer.internal.AdamW;
import io.github.peft4j.training.progress.DivergenceException;
import io.github.peft4j.training.progress.TrainingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * One optimizer step: gradients of its micro-batches, each weighted by one over the items of all of them, or their weights, then clipping and
 * AdamW.
 */
final class TrainingStep {

    private final TrainingSetup setup;
    private final AdamW optimizer;
    private final NativeHeap heap = new NativeHeap();

    TrainingStep(TrainingSetup setup, AdamW optimizer) {
        this.setup = setup;
        this.optimizer = optimizer;
    }

    /**
     * Takes a step, or none if the run is to stop. The model is this thread's alone meanwhile; texts that others generate with it are waited for.
     *
     * @param step steps done before it
     * @param total steps of the run
     * @throws DivergenceException if loss or gradients are not finite; weights and moments are as before
     * @throws IllegalStateException if the model is closed, or what is trained was taken out of it
     */
    Optional<TrainingListener.Step> take(long step, long total, List<BatchSource.MicroBatch> batches, Workers workers) {
        try (Lease alone = setup.model().leases().change()) {
            return takeAlone(step, total, batches, workers);
        }
    }

    private Optional<TrainingListener.Step> takeAlone(
            long step, long total, List<BatchSource.MicroBatch> batches, Workers workers) {
        long start = System.nanoTime();
        long supervised = 0;
        long tokens = 0;
        double weight = 0;
        for (BatchSource.MicroBatch batch : batches) {
            supervised += setup.objective().items(setup.model(), batch.rows());
            weight += setup.objective().weight(setup.model(), batch.rows());
            tokens += batch.tokens();
        }
        // All processes stop at the same step, or some would wait for ever for those that did.
        double[] totals = setup.exchange().sum(weight, (double) tokens, mustStop() ? 1 : 0, (double) supervised);
        OptionalDouble sum = totals[2] > 0 ? OptionalDouble.empty() : accumulate(step, batches, 1 / totals[0], workers);
        if (sum.isEmpty()) {
            return Optional.empty();
        }
        double loss = setup.exchange().sum(sum.getAsDouble())[0] / totals[0];
        requireFinite("the loss", loss, step, batches);
        setup.exchange().sumInto(optimizer.gradients());
        double share = setup.config().schedule().factor(step, setup.config().warmupSteps(total), total);
        double norm = optimizer.step(share, setup.config().maxGradNorm());
        requireFinite("the gradient norm", norm, step, batches);
        double seconds = (System.nanoTime() - start) / 1e9;
        double rate = setup.config().learningRate() * share;
        return Optional.of(
                new TrainingListener.Step(step + 1, loss, norm, rate, (long) totals[1], (long) totals[3], seconds));
    }

    /** The summed loss of the micro-batches; nothing, and no gradients left over, if the run is to stop before the last. */
    private OptionalDouble accumulate(long step, List<BatchSource.MicroBatch> batches, double weight, Workers workers) {
        double loss = 0;
        for (int i = 0; i < batches.size(); i++) {
            if (setup.exchange() == GradientExchange.LOCAL && mustStop()) {
                optimizer.clearGradients();
                return OptionalDouble.empty();
            }
            heap.before(batches.get(i).tokens());
            loss += shared(
                    batches.get(i).rows(), weight, Seeds.mix(setup.config().seed(), step, i), workers);
        }
        return OptionalDouble.of(loss);
    }

    /** The summed loss of a micro-batch, whose rows the workers share out; gradients are added to the weights' in the workers' order. */
    private double shared(Batch rows, double weight, long seed, Workers workers) {
        List<Batch> parts = RowShares.of(rows, workers.count(), setup.model().virtualTokens());
        try (Scope owner = setup.model().scope().child()) {
            List<OwnGradients> apart = new ArrayList<>();
            List<Supplier<Double>> tasks = new ArrayList<>();
            tasks.add(() -> walk(parts.get(0), weight, seed));
            for (int i = 1; i < parts.size(); i++) {
                Batch part = parts.get(i);
                long own = Seeds.mix(seed, i);
                OwnGradients gradients = new OwnGradients(owner);
                apart.add(gradients);
                tasks.add(() -> gradients.during(() -> walk(part, weight, own)));
            }
            double loss = 0;
            for (double of : workers.run(tasks)) {
                loss += of;
            }
            apart.forEach(OwnGradients::addToWeights);
            return loss;
        }
    }

    /** Forward and backward, on this thread. */
    private double walk(Batch rows, double weight, long seed) {
        Forward.Recording recording = new Forward.Recording(seed, setup.config().recompute(), true);
        try (Forward context = Forward.recording(setup.model().scope(), recording)) {
            double loss = setup.objective().loss(context, setup.model(), rows, weight);
            context.backward();
            return loss;
        }
    }

    /** The loss of rows with the weights as they are, without dropout; a mean as that of a step is. */
    double loss(List<BatchSource.MicroBatch> batches) {
        double loss = 0;
        double weight = 0;
        for (BatchSource.MicroBatch batch : batches) {
            weight += setup.objective().weight(setup.model(), batch.rows());
            try (Forward context = Forward.inference(setup.model().scope())) {
                loss += setup.objective().loss(context, setup.model(), batch.rows(), 1);
            }
        }
        double[] totals = setup.exchange().sum(loss, weight);
        return totals[0] / totals[1];
    }

    private void requireFinite(String what, double value, long step, List<BatchSource.MicroBatch> batches) {
        if (!Double.isFinite(value)) {
            optimizer.clearGradients();
            throw new DivergenceException(what, value, step + 1, batches.toString());
        }
    }

    private boolean mustStop() {
        return Thread.currentThread().isInterrupted() || setup.stop().getAsBoolean();
    }
}
