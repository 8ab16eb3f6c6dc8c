package io.github.peft4j.testkit.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.OptimizerKernels;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.testkit.ToyModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The smallest training loop: loss, backward pass, clipping by the global norm, AdamW as in torch. What contract tests step with; to train
 * models, take {@code peft-training}. Close it to free the optimiser's state.
 */
public final class ToyTraining implements AutoCloseable {

    /** What each step does. */
    public record Settings(double clip, double epsilon, double weightDecay) {

        /** No clipping to speak of, torch's epsilon, no weight decay. */
        public static Settings plain() {
            return new Settings(1e9, 1e-8, 0);
        }
    }

    /** The mean loss before a step, and the norm of its gradients before clipping. */
    public record Step(double loss, double norm) {}

    private static final int OPENING = 12;
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;

    private final Model<?> model;
    private final Settings settings;
    private final List<Weight> weights = new ArrayList<>();
    private final List<NDArray> firstMoments = new ArrayList<>();
    private final List<NDArray> secondMoments = new ArrayList<>();
    private final List<NDArray> counts = new ArrayList<>();

    /** Training of weights that are trainable in a model. */
    public ToyTraining(Model<?> model, Collection<Weight> weights, Settings settings) {
        this.model = model;
        this.settings = settings;
        for (Weight weight : weights) {
            long[] shape = weight.shape().getShape();
            this.weights.add(weight);
            firstMoments.add(model.scope().zeros(Precision.FLOAT32, shape));
            secondMoments.add(model.scope().zeros(Precision.FLOAT32, shape));
            counts.add(model.scope().zeros(Precision.FLOAT32));
        }
    }

    /**
     * Two rows of token ids of which some are supervised, but not a row's first: whether that counts depends on virtual tokens. The rows
     * begin alike.
     */
    public static Batch rows() {
        int ignored = Row.Target.IGNORED;
        return Batch.of(
                List.of(new int[] {3, 25, 19, 14, 16, 45, 20}, new int[] {3, 46, 4, 11, 5}),
                List.of(new int[] {ignored, ignored, ignored, 14, 16, 45, 20}, new int[] {ignored, 46, 4, 11, 5}));
    }

    /** {@link #rows()} as a model's head learns them: one that does not predict the next token learns labels at their own places. */
    public static Batch rows(Model<?> model) {
        return asLearned(model, rows());
    }

    /** {@link #rowsThatBeginAlike()} as a model's head learns them. */
    public static Batch rowsThatBeginAlike(Model<?> model) {
        return asLearned(model, rowsThatBeginAlike());
    }

    private static Batch asLearned(Model<?> model, Batch rows) {
        return model.head() instanceof LanguageHead
                ? rows
                : new Batch(rows.rows().stream()
                        .map(row -> new Row(row.tokenIds(), new Row.Target.TokenLabels(labels(row))))
                        .toList());
    }

    private static int[] labels(Row row) {
        return ((Row.Target.PerToken) row.target()).labels();
    }

    /**
     * Three rows that begin with so many equal tokens that these are computed once for all. Their labels begin among them, and end before the
     * rows do.
     */
    public static Batch rowsThatBeginAlike() {
        int[] sharedPrefix = IntStream.range(0, OPENING)
                .map(t -> 5 * t % ToyModel.VOCABULARY)
                .toArray();
        List<int[]> ids = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        for (int[] own : new int[][] {{7, 21, 30}, {8}, {9, 44, 2, 17, 33}}) {
            int[] row = IntStream.concat(Arrays.stream(sharedPrefix), Arrays.stream(own))
                    .toArray();
            int[] label = row.clone();
            Arrays.fill(label, 0, OPENING - 2, Row.Target.IGNORED);
            if (own.length > 1) {
                label[row.length - 1] = Row.Target.IGNORED;
            }
            ids.add(row);
            labels.add(label);
        }
        return Batch.of(ids, labels);
    }

    /**
     * Trains what is trainable of a model's adapters on {@link #rows}.
     *
     * @param steps optimizer steps
     */
    public static void train(PeftModel<?> peft, int steps, double learningRate) {
        List<Weight> weights = peft.adapters().values().stream()
                .flatMap(adapter -> adapter.trainable().values().stream())
                .filter(Weight::trainable)
                .toList();
        try (ToyTraining training = new ToyTraining(peft.model(), weights, Settings.plain())) {
            for (int step = 0; step < steps; step++) {
                training.step(rows(peft.model()), learningRate);
            }
        }
    }

    /** The mean loss of labelled rows; gradients are left in the weights. */
    public static double gradients(Model<?> model, Batch rows, boolean recompute) {
        int supervised = model.head().objective().items(model, rows);
        return addGradients(model, rows, 1.0 / supervised, new Forward.Recording(1, recompute, true)) / supervised;
    }

    /** The summed loss of labelled rows; its gradients are added to those in the weights. Nothing is dropped. */
    public static double addGradients(Model<?> model, Batch rows) {
        return addGradients(model, rows, 1, new Forward.Recording(1, false, false));
    }

    private static double addGradients(Model<?> model, Batch rows, double weight, Forward.Recording recording) {
        try (Forward context = Forward.recording(model.scope(), recording)) {
            double loss = model.head().objective().loss(context, model, rows, weight);
            context.backward();
            return loss;
        }
    }

    /** The mean loss of labelled rows as an evaluation computes it. */
    public static double loss(Model<?> model, Batch rows) {
        try (Forward context = Forward.inference(model.scope())) {
            return model.head().objective().loss(context, model, rows, 1)
                    / model.head().objective().items(model, rows);
        }
    }

    /** One step. */
    public Step step(Batch rows, double rate) {
        weights.forEach(Weight::clearGradient);
        double loss = gradients(model, rows, false);
        return new Step(loss, update(rate));
    }

    private double update(double rate) {
        OptimizerKernels kernels = OptimizerKernels.of(model.scope());
        List<NDArray> arrays = new ArrayList<>();
        List<NDArray> gradients = new ArrayList<>();
        List<NDArray> zeros = new ArrayList<>();
        for (Weight weight : weights) {
            NDArray gradient = weight.gradient();
            if (gradient == null) {
                gradient = model.scope().zeros(Precision.FLOAT32, weight.shape().getShape());
                zeros.add(gradient);
            }
            arrays.add(weight.array());
            gradients.add(gradient);
        }
        double norm = kernels.globalNorm(gradients);
        kernels.clipInto(gradients, norm, settings.clip());
        kernels.adamW(
                arrays,
                gradients,
                firstMoments,
                secondMoments,
                counts,
                rate,
                BETA1,
                BETA2,
                settings.weightDecay(),
                settings.epsilon());
        zeros.forEach(NDArray::close);
        weights.forEach(Weight::clearGradient);
        return norm;
    }

    @Override
    public void close() {
        for (List<NDArray> arrays : List.of(firstMoments, secondMoments, counts)) {
            arrays.forEach(NDArray::close);
        }
    }
}
