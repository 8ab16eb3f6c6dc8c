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
import java.util.function.Function;

/**
 * Layers of a head: those that a checkpoint holds, and in place of others new ones as transformers' {@code _init_weights} draws them. Weights
 * of linear layers are normal with the standard deviation {@code initializer_range}, 0.02 unless told, or as the architecture has it; those of
 * norms are one, and biases zero.
 */
public final class NewLayers {

    /** The standard deviation where a config tells none. */
    public static final double USUAL_RANGE = 0.02;

    /**
     * How weights of a linear layer are distributed: normally around zero.
     *
     * @param deviation the standard deviation
     * @param cutoff how many of it none is away from zero; positive, infinite for no bound
     */
    public record Draw(double deviation, double cutoff) {

        private double from(Random random) {
            if (cutoff > 1) {
                double drawn = random.nextGaussian();
                while (Math.abs(drawn) > cutoff) {
                    drawn = random.nextGaussian();
                }
                return drawn * deviation;
            }
            // Few normal ones would be near enough: evenly within the bound, and kept as often as the density has it.
            double drawn = evenly(random);
            while (random.nextDouble() > Math.exp(-drawn * drawn / 2)) {
                drawn = evenly(random);
            }
            return drawn * deviation;
        }

        private double evenly(Random random) {
            return cutoff * (2 * random.nextDouble() - 1);
        }
    }

    private final Function<String, Draw> draws;
    private final Random random;
    private final List<String> paths = new ArrayList<>();

    /**
     * None so far.
     *
     * @param told the config's standard deviation; 0 stands for none
     * @param seed of what is drawn
     */
    public NewLayers(double told, long seed) {
        Draw usual = new Draw(told == 0 ? USUAL_RANGE : told, Double.POSITIVE_INFINITY);
        this.draws = path -> usual;
        this.random = new Random(seed);
    }

    private NewLayers(Function<String, Draw> draws, Random random) {
        this.draws = draws;
        this.random = random;
    }

    /** The same for an architecture with a rule of its own, which has each linear layer by its path. */
    public NewLayers drawing(Function<String, Draw> rule) {
        return new NewLayers(rule, random);
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
        Draw draw = draws.apply(path);
        return Linear.of(
                made(weights, "weight", () -> draw.from(random), out, in),
                bias ? made(weights, "bias", () -> 0, out) : null);
    }

    /** A norm with a bias. */
    public LayerNorm norm(Weights weights, String path, long width, double epsilon) {
        return norm(weights, path, width, epsilon, true);
    }

    /**
     * A norm, with a bias or without.
     *
     * @param weights where the checkpoint has it
     * @param path where the model has it
     */
    public LayerNorm norm(Weights weights, String path, long width, double epsilon, boolean biased) {
        if (weights.has("weight")) {
            return LayerNorm.load(weights, width, epsilon, biased);
        }
        paths.add(path);
        return LayerNorm.of(
                made(weights, "weight", () -> 1, width),
                biased ? made(weights, "bias", () -> 0, width) : null,
                epsilon);
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
