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

/**
 * The optimiser: clips by the global norm and takes one AdamW step over all trainable weights in one call, as
 * {@code torch.nn.utils.clip_grad_norm_} and {@code torch.optim.AdamW}: \(w \leftarrow (1 - \eta\lambda) w - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)\).
 *
 * <p>Weights and both moments are float32; the moments start at zero. Owns its native memory; close it.
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
    private static final String SECOND = "exp_avg_sq.";
    private static final String STEP = "step.";
    private static final String WEIGHT = "weight.";

    private final Scope scope;
    private final Map<String, Weight> weights;
    private final double weightDecay;
    private final List<NDArray> firstMoments = new ArrayList<>();
    private final List<NDArray> secondMoments = new ArrayList<>();
    private final List<NDArray> steps = new ArrayList<>();

    /**
     * An optimiser of these weights.
     *
     * @param weights trainable weights by path, all in one scope
     * @param weightDecay decoupled decay, 0 for none
     */
    public AdamW(Map<String, Weight> weights, Scope owner, double weightDecay) {
        this.scope = owner.child();
        this.weights = new LinkedHashMap<>(weights);
        this.weightDecay = weightDecay;
        for (Weight weight : this.weights.values()) {
            long[] shape = weight.shape().getShape();
            firstMoments.add(scope.zeros(Precision.FLOAT32, shape));
            secondMoments.add(scope.zeros(Precision.FLOAT32, shape));
            steps.add(scope.zeros(Precision.FLOAT32));
        }
    }

    /**
     * Takes a step with the gradients that have accumulated and forgets them; a weight without a gradient counts as zero gradient.
     *
     * @param maxNorm the global norm to clip to, 0 for no clipping
     * @return the global norm before clipping
     */
    public double step(double learningRate, double maxNorm) {
        OptimizerKernels k = OptimizerKernels.of(scope);
        List<NDArray> arrays = new ArrayList<>();
        List<NDArray> gradients = new ArrayList<>();
        for (Weight weight : weights.values()) {
            if (weight.gradient() == null) {
                weight.accumulate(scope.zeros(Precision.FLOAT32, weight.shape().getShape()));
            }
            arrays.add(weight.array());
            gradients.add(weight.gradient());
        }
        double norm = k.globalNorm(gradients);
        if (maxNorm > 0) {
            k.clipInto(gradients, norm, maxNorm);
        }
        k.adamW(
                arrays,
                gradients,
                firstMoments,
                secondMoments,
                steps,
                learningRate,
                BETA1,
                BETA2,
                weightDecay,
                EPSILON);
        weights.values().forEach(Weight::clearGradient);
        return norm;
    }

    /** What must be kept to go on as if nothing had happened: weights, moments and step counters, all float32, by name. */
    public Map<String, NDArray> state() {
        Map<String, NDArray> state = new LinkedHashMap<>();
        int i = 0;
        for (Map.Entry<String, Weight> entry : weights.entrySet()) {
            state.put(WEIGHT + entry.getKey(), entry.getValue().array());
            state.put(FIRST + entry.getKey(), firstMoments.get(i));
            state.put(SECOND + entry.getKey(), secondMoments.get(i));
            state.put(STEP + entry.getKey(), steps.get(i++));
        }
        return state;
    }

    @Override
    public void close() {
        scope.close();
    }
}
