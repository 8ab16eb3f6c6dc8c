package io.github.peft4j.training;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.OptimizerKernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The optimiser: clips by the global norm and takes one AdamW step over all trainable weights, as
 * {@code torch.nn.utils.clip_grad_norm_} and {@code torch.optim.AdamW}: \(w \leftarrow (1 - \eta\lambda) w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)\).
 *
 * <p>Weights and both moments are float32; the moments start at zero. Owns its native memory; close it. Not safe for concurrent use.
 *
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter 2019</a>
 */
public final class AdamW implements AutoCloseable {

    /** torch's default. */
    public static final double BETA1 = 0.9;

    /** torch's default. */
    public static final double BETA2 = 0.999;

    /** torch's default. */
    public static final double EPSILON = 1e-8;

    private static final String FIRST = "exp_avg.";

    /** What the second moments are named in {@link #state}, before their weight's name. They are not negative. */
    static final String SECOND = "exp_avg_sq.";

    /** What the number of steps is named in {@link #state}. */
    static final String STEP = "step";

    /** Weights that are updated in one call. */
    private static final class Group {
        private final double weightDecay;
        private final List<String> names = new ArrayList<>();
        private final List<Weight> weights = new ArrayList<>();
        private final List<NDArray> firstMoments = new ArrayList<>();
        private final List<NDArray> secondMoments = new ArrayList<>();
        private final List<NDArray> steps = new ArrayList<>();

        private Group(double weightDecay) {
            this.weightDecay = weightDecay;
        }

        private void add(String name, Weight weight, Scope scope) {
            names.add(name);
            weights.add(weight);
            firstMoments.add(weight.zeros(scope));
            secondMoments.add(weight.zeros(scope));
            steps.add(scope.zeros(Precision.FLOAT32));
        }

        private List<NDArray> gradients(Scope scope) {
            List<NDArray> gradients = new ArrayList<>(weights.size());
            for (Weight weight : weights) {
                if (weight.gradient() == null) {
                    weight.accumulate(weight.zeros(scope));
                }
                gradients.add(weight.gradient());
            }
            return gradients;
        }

        private void update(Scope scope, double learningRate) {
            List<NDArray> arrays = weights.stream().map(Weight::array).toList();
            OptimizerKernels.of(scope)
                    .adamW(
                            arrays,
                            gradients(scope),
                            firstMoments,
                            secondMoments,
                            steps,
                            learningRate,
                            BETA1,
                            BETA2,
                            weightDecay,
                            EPSILON);
        }
    }

    private final Scope scope;
    private final List<Group> groups = new ArrayList<>();

    /**
     * An optimiser of these weights.
     *
     * @param weights trainable weights by name
     * @param owner an ancestor of the scope that the moments lie in
     * @param weightDecay decoupled decay, 0 for none
     * @param decays the names of the weights that decay; the others do not
     * @throws IllegalArgumentException if there are no weights
     */
    public AdamW(Map<String, Weight> weights, Scope owner, double weightDecay, Predicate<String> decays) {
        if (weights.isEmpty()) {
            throw new IllegalArgumentException("an optimizer needs at least one weight");
        }
        this.scope = owner.child();
        // Weights over one memory are updated in turn: those of one call may be at a time.
        add(weights, weight -> !weight.isShared(), weightDecay, decays);
        add(weights, Weight::isShared, weightDecay, decays);
    }

    private void add(
            Map<String, Weight> weights, Predicate<Weight> which, double weightDecay, Predicate<String> decays) {
        Group decaying = new Group(weightDecay);
        Group others = new Group(0);
        weights.forEach((name, weight) -> {
            if (which.test(weight)) {
                (weightDecay != 0 && decays.test(name) ? decaying : others).add(name, weight, scope);
            }
        });
        for (Group group : List.of(decaying, others)) {
            if (!group.weights.isEmpty()) {
                groups.add(group);
            }
        }
    }

    /** An optimiser of these weights without decay. */
    public AdamW(Map<String, Weight> weights, Scope owner) {
        this(weights, owner, 0, name -> false);
    }

    /**
     * The gradients that have accumulated, float32, always in the same order; zeros for a weight that none has reached. They still
     * belong to their weights.
     */
    public List<NDArray> gradients() {
        List<NDArray> all = new ArrayList<>();
        groups.forEach(group -> all.addAll(group.gradients(scope)));
        return all;
    }

    /**
     * Takes a step with the gradients that have accumulated and forgets them. If their norm is infinite or not a number, they are
     * forgotten and nothing else happens.
     *
     * @param maxNorm the global norm to clip to, 0 for no clipping
     * @return the global norm before clipping
     */
    public double step(double learningRate, double maxNorm) {
        OptimizerKernels k = OptimizerKernels.of(scope);
        List<NDArray> gradients = gradients();
        double norm = k.globalNorm(gradients);
        if (Double.isFinite(norm)) {
            if (maxNorm > 0) {
                k.clipInto(gradients, norm, maxNorm);
            }
            groups.forEach(group -> group.update(scope, learningRate));
        }
        clearGradients();
        return norm;
    }

    /** Forgets the gradients that have accumulated. */
    public void clearGradients() {
        groups.forEach(group -> group.weights.forEach(Weight::clearGradient));
    }

    /**
     * What it must keep, besides the weights, to go on as if nothing had happened: both moments of every weight and the number of steps
     * taken, all float32, by name. The arrays are its own; writing into them restores it, but {@link #stepsRestored} must follow.
     */
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        for (Group group : groups) {
            for (int i = 0; i < group.names.size(); i++) {
                state.put(FIRST + group.names.get(i), group.firstMoments.get(i));
                state.put(SECOND + group.names.get(i), group.secondMoments.get(i));
            }
        }
        // All weights have taken the same steps: one counter stands for all.
        state.put(STEP, groups.get(0).steps.get(0));
        return state;
    }

    /** Spreads the number of steps that was written into {@link #state} to all weights. */
    public void stepsRestored() {
        NDArray counter = groups.get(0).steps.get(0);
        for (Group group : groups) {
            for (NDArray step : group.steps) {
                if (step != counter) {
                    scope.kernels().assign(step, counter).close();
                }
            }
        }
    }

    @Override
    public void close() {
        clearGradients();
        scope.close();
    }
}
