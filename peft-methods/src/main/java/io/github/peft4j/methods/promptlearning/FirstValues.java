package io.github.peft4j.methods.promptlearning;

import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** New float32 weights with the values that torch's modules begin with, drawn from a seed. */
public final class FirstValues {

    private final Scope scope;
    private final SplittableRandom random;
    private final boolean drawn;

    /**
     * Values of weights in a scope.
     *
     * @param drawn whether to draw values at all; zeros where saved ones will replace them at once
     */
    public FirstValues(Scope scope, SplittableRandom random, boolean drawn) {
        this.scope = scope;
        this.random = random;
        this.drawn = drawn;
    }

    /** Zeros. */
    public Weight zeros(String name, long... shape) {
        return new Weight(name, scope.zeros(Precision.FLOAT32, shape), Precision.FLOAT32, scope, false);
    }

    /** Normal values of deviation 1, as of {@code torch.nn.Embedding}. */
    public Weight normal(String name, long... shape) {
        return filled(name, random::nextGaussian, shape);
    }

    /**
     * Values uniform within 1 / sqrt(inputs), as of {@code torch.nn.Linear} with that many inputs, weight and bias alike, and of
     * {@code torch.nn.LSTM} with that many hidden units.
     */
    public Weight uniform(String name, long inputs, long... shape) {
        double bound = 1 / Math.sqrt(inputs);
        return filled(name, () -> (2 * random.nextDouble() - 1) * bound, shape);
    }

    private Weight filled(String name, DoubleSupplier next, long... shape) {
        if (!drawn) {
            return zeros(name, shape);
        }
        long size = 1;
        for (long dimension : shape) {
            size = Math.multiplyExact(size, dimension);
        }
        float[] values = new float[Math.toIntExact(size)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) next.getAsDouble();
        }
        return new Weight(name, scope.floats(values, shape), Precision.FLOAT32, scope, false);
    }

    /** Frees a weight that no one uses any more. */
    static void free(Weight weight) {
        weight.setTrainable(false);
        weight.array().close();
    }
}
