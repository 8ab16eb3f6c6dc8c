package io.github.peft4j.benchmarks;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import java.util.Arrays;
import java.util.Random;

/** The arrays of one benchmark and the operations on them. */
final class Workspace implements AutoCloseable {

    private final Scope scope = Scope.open(Device.cpu());
    private final Random random = new Random(0);

    /** Operations; what they return is closed by the caller. */
    Kernels kernels() {
        return scope.kernels();
    }

    /** The owner of the arrays. */
    Scope scope() {
        return scope;
    }

    /** Normally distributed values. */
    NDArray random(String dtype, long... shape) {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        NDArray exact = scope.floats(values, shape);
        Precision precision = Precision.of(dtype);
        if (precision == Precision.FLOAT32) {
            return exact;
        }
        try (exact) {
            return kernels().cast(exact, precision);
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
