package io.github.peft4j.training.evaluation;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.Objective;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.internal.input.LengthBatches;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.training.internal.work.RowShares;
import io.github.peft4j.training.internal.work.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The mean loss per item over rows: the sum over all rows divided by the count over all rows, so it does not depend on how they are
 * batched; where the objective compares rows, each is compared with all of them. Dropout is off.
 *
 * <p>Rows are read from the longest to the shortest, as many at once as {@link LengthBatches} puts together. Safe for concurrent use; the
 * model's adapters stay as they are meanwhile.
 */
public final class Evaluation {

    private final List<Row> rows;
    private final Batch all;

    /**
     * Of these rows.
     *
     * @throws IllegalArgumentException if there are none
     */
    public Evaluation(List<Row> rows) {
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("there are no rows to evaluate on");
        }
        this.rows = List.copyOf(rows);
        this.all = new Batch(rows);
    }

    /**
     * Checks that a model has something to predict in these rows.
     *
     * @return the number of items
     * @throws IllegalArgumentException if there is nothing, or a row has a target of another kind
     */
    public long items(Model<?> model, Objective objective) {
        long items = objective.items(model, all);
        if (items == 0) {
            throw new IllegalArgumentException("no " + objective.item() + " of the " + rows.size()
                    + " rows is supervised: all labels that count are " + Row.Target.IGNORED
                    + ". The label of a row's first token counts only if virtual tokens precede it");
        }
        return items;
    }

    /**
     * Evaluates a model by what its head learns.
     *
     * @throws IllegalArgumentException if there is nothing to predict
     * @throws IllegalStateException if the model is closed
     */
    public Result run(Model<?> model) {
        return run(model, model.head().objective());
    }

    /**
     * Evaluates a model by what it is to learn.
     *
     * @throws IllegalArgumentException if there is nothing to predict
     * @throws IllegalStateException if the model is closed
     */
    public Result run(Model<?> model, Objective objective) {
        return run(model, objective, 1);
    }

    /**
     * As {@link #run(Model, Objective)}, by threads that share out the rows of each batch, each on its share of the cores.
     *
     * @param workers how many, at least 1
     */
    public Result run(Model<?> model, Objective objective, int workers) {
        try (Workers threads = new Workers(workers, model.leases())) {
            return run(model, objective, threads);
        }
    }

    private Result run(Model<?> model, Objective objective, Workers workers) {
        long start = System.nanoTime();
        long items = items(model, objective);
        double loss = 0;
        List<Row> judged = new ArrayList<>();
        List<float[]> predicted = new ArrayList<>();
        try (Lease whole = model.leases().hold(null)) {
            for (List<Row> batch : objective.comparesRows() ? List.of(rows) : LengthBatches.of(rows, Row::tokens)) {
                for (Part part : parts(model, objective, new Batch(batch), workers)) {
                    loss += part.loss;
                    judged.addAll(part.rows);
                    predicted.addAll(part.outputs);
                }
            }
        }
        Metrics.Found found = RowMetrics.of(model, rows.get(0)).of(judged, predicted);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Result(loss / items, items, found, all.tokens(), rows.size(), seconds);
    }

    private record Part(double loss, List<Row> rows, List<float[]> outputs) {}

    private static List<Part> parts(Model<?> model, Objective objective, Batch batch, Workers workers) {
        int count = objective.comparesRows() ? 1 : workers.count();
        List<Supplier<Part>> tasks = new ArrayList<>();
        for (Batch rows : RowShares.of(batch, count, model.virtualTokens())) {
            tasks.add(() -> part(model, objective, rows));
        }
        return workers.run(tasks);
    }

    private static Part part(Model<?> model, Objective objective, Batch batch) {
        List<Row> judged = new ArrayList<>();
        List<float[]> predicted = new ArrayList<>();
        try (Forward context = Forward.inference(model.scope())) {
            double loss = objective.evaluate(context, model, batch, (row, outputs) -> {
                judged.add(row);
                predicted.add(outputs);
            });
            return new Part(loss, judged, predicted);
        }
    }

    /** What a model is judged by on these rows beside the loss; none for next tokens. */
    public Metrics<?> metrics(Model<?> model) {
        return RowMetrics.of(model, rows.get(0)).metrics();
    }

    /**
     * How well a model predicts.
     *
     * @param loss mean loss per item: for next tokens the negative log-likelihood per supervised token, in nats
     * @param items what had to be predicted: supervised tokens, or rows
     * @param found numbers that people know, by scikit-learn's names; nothing for next tokens
     * @param tokens real tokens read
     * @param rows rows read
     * @param seconds wall time
     */
    public record Result(double loss, long items, Metrics.Found found, long tokens, int rows, double seconds) {

        /** {@link Metrics.Found#numbers}. */
        public Map<String, Double> metrics() {
            return found.numbers();
        }

        /** \(e^{loss}\): for next tokens, among how many, all equally likely, the model seems to choose. */
        public double perplexity() {
            return Math.exp(loss);
        }
    }
}
