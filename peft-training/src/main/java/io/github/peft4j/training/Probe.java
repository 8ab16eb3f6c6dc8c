package io.github.peft4j.training;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.training.evaluation.Evaluation;
import io.github.peft4j.training.internal.loop.Uninterrupted;
import io.github.peft4j.training.internal.probe.ProbeFit;
import io.github.peft4j.training.internal.state.ProcessMemory;
import io.github.peft4j.training.internal.state.TrainedModel;
import io.github.peft4j.training.optimizer.ParameterGroup;
import io.github.peft4j.training.optimizer.internal.ParameterGroups;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * Logistic regression on what a model makes of rows: every row is read once, and the head's output layer is then solved for, not trained in
 * steps. The rest of the model stays as it is.
 *
 * <pre>{@code
 * Probe probe = Probe.of(model, Probe.USUAL_C);
 * TrainingResult result = probe.fit(rows);
 * probe.save(output);
 * }</pre>
 *
 * <p>Classes are fitted as scikit-learn's {@code LogisticRegression} does (two of them by one function, more by multinomial regression), several labels
 * each by itself, values as its {@code Ridge} with \(\alpha = 1 / C\); with an intercept where the output layer has a bias. Features are what that
 * layer is given. Equal inputs give equal bits on one kind of processor. Not safe for concurrent use itself; but other threads may compute with the
 * model meanwhile.
 */
public final class Probe {

    /** scikit-learn's default. */
    public static final double USUAL_C = 1;

    private final Model<?> model;
    private final double c;
    private final TrainedModel trained;
    private BooleanSupplier stop = () -> false;

    private Probe(Model<?> model, double c, TrainedModel trained) {
        this.model = model;
        this.c = c;
        this.trained = trained;
    }

    /**
     * A probe of a classifier.
     *
     * @param c scikit-learn's C, above 0: how much rows count against small weights
     * @throws IllegalArgumentException if the model has no head for rows, or was not loaded from a folder
     * @throws UnsupportedOperationException if weights are quantized
     */
    public static Probe of(Model<?> model, double c) {
        if (!(c > 0 && Double.isFinite(c))) {
            throw new IllegalArgumentException("C must be above 0, got " + c);
        }
        String layer =
                Objects.requireNonNull(model.with(SequenceHead.class).head().outputLayer());
        ParameterGroups outputLayer = ParameterGroups.NONE
                .and(ParameterGroup.of(layer))
                .and(ParameterGroup.of(".*").at(0));
        return new Probe(model, c, TrainedModel.of(model, outputLayer));
    }

    /** Ends early, with the model as it was, when this becomes true. */
    public Probe stopWhen(BooleanSupplier condition) {
        stop = condition;
        return this;
    }

    /**
     * Fits the output layer to rows.
     *
     * @return {@code steps} are iterations of the search for the best layer
     * @throws IllegalArgumentException if there are no rows, or labels are of another kind
     * @throws IllegalStateException if the model is closed
     * @throws IOException if what is to be saved beside the weights cannot be read
     */
    public TrainingResult fit(List<Row> rows) throws IOException {
        trained.requireSavable();
        new Evaluation(rows).items(model, model.head().objective());
        long start = System.nanoTime();
        int iterations = new ProbeFit(model, c, this::mustStop).run(rows);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new TrainingResult(
                iterations < 0 ? TrainingResult.Outcome.INTERRUPTED : TrainingResult.Outcome.COMPLETED,
                Math.max(0, iterations),
                rows.stream().mapToInt(Row::length).sum() / seconds,
                0,
                ProcessMemory.peakMib(),
                trained.weights().values().stream().mapToLong(Weight::size).sum(),
                model.parameterCount(),
                null,
                List.of());
    }

    private boolean mustStop() {
        return Thread.currentThread().isInterrupted() || stop.getAsBoolean();
    }

    /**
     * Saves the model with its new head as an ordinary checkpoint, with the config and tokenizer of the one it was loaded from.
     *
     * @throws io.github.peft4j.models.internal.output.FolderInUseException if a run of another process writes into the folder
     * @throws IOException if writing fails
     */
    public void save(Path folder) throws IOException {
        Uninterrupted.run(model.leases(), () -> trained.save(folder));
    }
}
