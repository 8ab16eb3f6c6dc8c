package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import java.util.Random;

/** Seeded values of test cases. */
public final class Draw {

    private final Scope scope;
    private final Random random;
    private final Precision rounding;
    private final Precision precision;

    /**
     * A source of values.
     *
     * @param rounding the values are those that this format can hold
     * @param precision the arrays are of this format
     */
    public Draw(Scope scope, long seed, Precision rounding, Precision precision) {
        this.scope = scope;
        this.random = new Random(seed * 31 + 17);
        this.rounding = rounding;
        this.precision = precision;
    }

    /** A source of float32 values. */
    public Draw(Scope scope, long seed) {
        this(scope, seed, Precision.FLOAT32, Precision.FLOAT32);
    }

    Scope scope() {
        return scope;
    }

    Precision precision() {
        return precision;
    }

    /** A whole number from {@code from} to {@code to}, both included. */
    public int size(int from, int to) {
        return from + random.nextInt(to - from + 1);
    }

    public boolean coin() {
        return random.nextBoolean();
    }

    float[] floats(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Normally distributed values. */
    public NDArray normal(long... shape) {
        int count = 1;
        for (long size : shape) {
            count *= (int) size;
        }
        return array(floats(count), shape);
    }

    /** Normally distributed values that keep away from zero. */
    NDArray awayFromZero(long... shape) {
        NDArray values = normal(shape);
        float[] floats = scope.kernels().toFloats(values);
        for (int i = 0; i < floats.length; i++) {
            floats[i] += floats[i] < 0 ? -0.25f : 0.25f;
        }
        return array(floats, shape);
    }

    /** Values small and large that keep away from where activation functions bend. */
    NDArray spread(long... shape) {
        float[] floats = scope.kernels().toFloats(normal(shape));
        for (int i = 0; i < floats.length; i++) {
            floats[i] *= random.nextBoolean() ? 1 : 6;
            for (float bend : new float[] {-3, 0, 3, 6, 10}) {
                if (Math.abs(floats[i] - bend) < 0.1f) {
                    floats[i] = bend + (floats[i] < bend ? -0.1f : 0.1f);
                }
            }
        }
        return array(floats, shape);
    }

    private NDArray array(float[] floats, long... shape) {
        Kernels k = scope.kernels();
        try (NDArray exact = scope.floats(floats, shape);
                NDArray rounded = k.cast(exact, rounding)) {
            return k.cast(rounded, precision);
        }
    }

    /** Whole numbers from 0 to {@code bound}, not included. */
    NDArray below(int bound, int count) {
        return scope.longs(random.longs(count, 0, bound).toArray());
    }
}
