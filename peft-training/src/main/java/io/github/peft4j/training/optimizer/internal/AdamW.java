package io.github.peft4j.training.optimizer.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.OptimizerKernels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
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
    public static final String SECOND = "exp_avg_sq.";

    /** What the number of steps is named in {@link #state}. */
    public static final String STEP = "step";

    /**
     * How a weight is updated.
     *
     * @param learningRate its highest learning rate, \(\eta\) times what {@link #step} is given
     * @param weightDecay \(\lambda\), 0 for none
     */
    public record Settings(double learningRate, double weightDecay) {}

    /** A weight and what is remembered of its gradients. */
    private record Entry(String name, Weight weight, NDArray firstMoment, NDArray secondMoment, NDArray steps) {

        private NDArray gradient(Scope scope) {
            if (weight.gradient() == null) {
                weight.accumulate(weight.zeros(scope));
            }
            return Objects.requireNonNull(weight.gradient());
        }
    }

    /** Weights that are updated in one call. */
    private record Group(Settings settings, List<Entry> entries) {

        private <T> List<T> each(Function<Entry, T> part) {
            return entries.stream().map(part).toList();
        }

        private List<NDArray> gradients(Scope scope) {
            return each(entry -> entry.gradient(scope));
        }

        private void update(Scope scope, double share) {
            OptimizerKernels.of(scope)
                    .adamW(
                            each(entry -> entry.weight.array()),
                            gradients(scope),
                            each(Entry::firstMoment),
                            each(Entry::secondMoment),
                            each(Entry::steps),
                            settings.learningRate * share,
                            BETA1,
                            BETA2,
                            settings.weightDecay,
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
     * @param settings how the weight of a name is updated
     * @throws IllegalArgumentException if there are no weights
     */
    public AdamW(Map<String, Weight> weights, Scope owner, Function<String, Settings> settings) {
        if (weights.isEmpty()) {
            throw new IllegalArgumentException("an optimizer needs at least one weight");
        }
        this.scope = owner.child();
        // Weights over one memory are updated in turn: those of one call may be at a time.
        add(weights, weight -> !weight.isShared(), settings);
        add(weights, Weight::isShared, settings);
    }

    private void add(Map<String, Weight> weights, Predicate<Weight> which, Function<String, Settings> settings) {
        Map<Settings, Group> alike = new LinkedHashMap<>();
        weights.forEach((name, weight) -> {
            if (which.test(weight)) {
                alike.computeIfAbsent(settings.apply(name), of -> new Group(of, new ArrayList<>()))
                        .entries()
                        .add(new Entry(
                                name,
                                weight,
                                weight.zeros(scope),
                                weight.zeros(scope),
                                scope.zeros(Precision.FLOAT32)));
            }
        });
        // Those that decay come first: the order of gradients shows in the last bits of their norm.
        alike.values().stream()
                .sorted(Comparator.comparing(group -> group.settings.weightDecay == 0))
                .forEach(groups::add);
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
     * @param share what the learning rates are multiplied by in this step
     * @param maxNorm the global norm to clip to, 0 for no clipping
     * @return the global norm before clipping
     */
    public double step(double share, double maxNorm) {
        OptimizerKernels k = OptimizerKernels.of(scope);
        List<NDArray> gradients = gradients();
        double norm = k.globalNorm(gradients);
        if (Double.isFinite(norm)) {
            if (maxNorm > 0) {
                k.clipInto(gradients, norm, maxNorm);
            }
            groups.forEach(group -> group.update(scope, share));
        }
        clearGradients();
        return norm;
    }

    /** Forgets the gradients that have accumulated. */
    public void clearGradients() {
        groups.forEach(group -> group.entries.forEach(entry -> entry.weight.clearGradient()));
    }

    /**
     * What it must keep, besides the weights, to go on as if nothing had happened: both moments of every weight and the number of steps
     * taken, all float32, by name. The arrays are its own; writing into them restores it, but {@link #stepsRestored} must follow.
     */
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        for (Group group : groups) {
            for (Entry entry : group.entries) {
                state.put(FIRST + entry.name, entry.firstMoment);
                state.put(SECOND + entry.name, entry.secondMoment);
            }
        }
        // All weights have taken the same steps: one counter stands for all.
        state.put(STEP, counter());
        return state;
    }

    /** Spreads the number of steps that was written into {@link #state} to all weights. */
    public void stepsRestored() {
        NDArray counter = counter();
        for (Group group : groups) {
            for (Entry entry : group.entries) {
                if (entry.steps != counter) {
                    scope.kernels().assign(entry.steps, counter).close();
                }
            }
        }
    }

    private NDArray counter() {
        return groups.get(0).entries.get(0).steps;
    }

    @Override
    public void close() {
        clearGradients();
        scope.close();
    }
}
