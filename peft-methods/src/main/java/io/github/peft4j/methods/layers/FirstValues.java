package io.github.peft4j.methods.layers;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Arrays of first values, float32; they belong to the scope given. */
public final class FirstValues {

    private FirstValues() {}

    /** One value everywhere. */
    public static NDArray constant(Scope scope, double value, long... shape) {
        float[] values = new float[size(shape)];
        Arrays.fill(values, (float) value);
        return scope.floats(values, shape);
    }

    /** Uniform within 1 / sqrt(inputs): what torch's Kaiming start with a = sqrt 5 comes to. */
    public static NDArray uniform(Scope scope, SplittableRandom random, long inputs, long... shape) {
        double bound = 1 / Math.sqrt(inputs);
        float[] values = new float[size(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return scope.floats(values, shape);
    }

    /** Normal values about 0 with a standard deviation. */
    public static NDArray normal(Scope scope, SplittableRandom random, double deviation, long... shape) {
        float[] values = new float[size(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return scope.floats(values, shape);
    }

    private static int size(long[] shape) {
        long size = 1;
        for (long dimension : shape) {
            size = Math.multiplyExact(size, dimension);
        }
        return Math.toIntExact(size);
    }
}
