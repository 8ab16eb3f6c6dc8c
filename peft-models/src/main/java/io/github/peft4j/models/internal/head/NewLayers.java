package io.github.peft4j.models.internal.head;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * Layers of a head: those that a checkpoint holds, and in place of others new ones as transformers' {@code _init_weights} draws them. Weights
 * of linear layers are normal with the standard deviation {@code initializer_range}, 0.02 unless told; those of norms are one, and biases
 * zero.
 */
public final class NewLayers {

    /** The standard deviation where a config tells none. */
    public static final double USUAL_RANGE = 0.02;

    private final double range;
    private final Random random;
    private final List<String> paths = new ArrayList<>();

    /**
     * None so far.
     *
     * @param told the config's standard deviation; 0 stands for none
     * @param seed of what is drawn
     */
    public NewLayers(double told, long seed) {
        this.range = told == 0 ? USUAL_RANGE : told;
        this.random = new Random(seed);
    }

    /**
     * A linear layer, which is not quantized.
     *
     * @param weights where the checkpoint has it
     * @param path where the model has it
     */
    public Linear linear(Weights weights, String path, long in, long out, boolean bias) {
        if (weights.has("weight")) {
            return Linear.loadHead(weights, in, out, bias);
        }
        paths.add(path);
        return Linear.of(
                made(weights, "weight", () -> random.nextGaussian() * range, out, in),
                bias ? made(weights, "bias", () -> 0, out) : null);
    }

    /**
     * A norm.
     *
     * @param weights where the checkpoint has it
     * @param path where the model has it
     */
    public LayerNorm norm(Weights weights, String path, long width, double epsilon) {
        if (weights.has("weight")) {
            return LayerNorm.load(weights, width, epsilon);
        }
        paths.add(path);
        return LayerNorm.of(made(weights, "weight", () -> 1, width), made(weights, "bias", () -> 0, width), epsilon);
    }

    /** A bias that is no layer's alone. */
    public Weight bias(Weights weights, String path, long width) {
        if (weights.has("bias")) {
            return weights.take("bias", width);
        }
        paths.add(path);
        return made(weights, "bias", () -> 0, width);
    }

    private static Weight made(Weights weights, String name, DoubleSupplier value, long... shape) {
        Weight weight = new Weight(
                name, weights.scope().zeros(weights.precision(), shape), weights.precision(), weights.scope(), false);
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) value.getAsDouble();
        }
        try (NDArray drawn = weights.scope().floats(values, shape)) {
            weight.assign(drawn);
        }
        return weight;
    }

    /** Paths of the layers that the checkpoint did not hold. */
    public List<String> paths() {
        return List.copyOf(paths);
    }
}
