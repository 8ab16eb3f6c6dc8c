package io.github.peft4j.methods.internal.layers;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** What new weights begin with: float32 arrays that belong to a scope. */
public final class FirstValues {

    private FirstValues() {}

    /** Zeros. */
    public static NDArray zeros(Scope scope, long... shape) {
        return scope.zeros(Precision.FLOAT32, shape);
    }

    /** One value everywhere. */
    public static NDArray constant(Scope scope, double value, long... shape) {
        return drawn(scope, () -> value, shape);
    }

    /** Uniform within 1 / sqrt(inputs): what torch's Kaiming start with a = sqrt 5 comes to. */
    public static NDArray uniform(Scope scope, SplittableRandom random, long inputs, long... shape) {
        double bound = 1 / Math.sqrt((double) inputs);
        return drawn(scope, () -> (2 * random.nextDouble() - 1) * bound, shape);
    }

    /** Normal around zero. */
    public static NDArray normal(Scope scope, SplittableRandom random, double deviation, long... shape) {
        return drawn(scope, () -> random.nextGaussian() * deviation, shape);
    }

    private static NDArray drawn(Scope scope, DoubleSupplier next, long... shape) {
        long size = 1;
        for (long dimension : shape) {
            size = Math.multiplyExact(size, dimension);
        }
        float[] values = new float[Math.toIntExact(size)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) next.getAsDouble();
        }
        return scope.floats(values, shape);
    }

    /** A frozen float32 weight over an array. */
    public static Weight weight(String name, NDArray values, Scope scope) {
        return new Weight(name, values, Precision.FLOAT32, scope, false);
    }
}
