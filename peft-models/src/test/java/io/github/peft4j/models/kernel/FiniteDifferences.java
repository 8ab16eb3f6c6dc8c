package io.github.peft4j.models.kernel;

import ai.djl.ndarray.NDArray;
import java.util.stream.IntStream;

/**
 * Gradients by central differences: the derivative of a random projection of a kernel's outputs by each value of an input, with float32
 * kernels and the projection summed in double precision.
 */
final class FiniteDifferences {

    private static final float STEP = 1e-2f;
    private static final int MOST = 16;

    private FiniteDifferences() {}

    /** The derivatives by some of an input's values, evenly spread over it. */
    static float[] gradient(Scope scope, KernelPair pair, int input, int[] places, float[][] projections) {
        float[] values = scope.kernels().toFloats(pair.inputs()[input]);
        long[] shape = pair.inputs()[input].getShape().getShape();
        float[] gradient = new float[places.length];
        for (int i = 0; i < places.length; i++) {
            float[] up = values.clone();
            float[] down = values.clone();
            up[places[i]] += STEP;
            down[places[i]] -= STEP;
            double rise = project(scope, pair, input, up, shape, projections)
                    - project(scope, pair, input, down, shape, projections);
            gradient[i] = (float) (rise / ((double) up[places[i]] - down[places[i]]));
        }
        return gradient;
    }

    /** All places of an array, or as many as are quickly tried, evenly spread. */
    static int[] places(long size) {
        int tried = (int) Math.min(size, MOST);
        return IntStream.range(0, tried).map(i -> (int) (i * size / tried)).toArray();
    }

    private static double project(
            Scope owner, KernelPair pair, int input, float[] values, long[] shape, float[][] projections) {
        double sum = 0;
        NDArray[] inputs = pair.inputs().clone();
        inputs[input] = owner.floats(values, shape);
        NDArray[] outputs = pair.forward().apply(inputs);
        for (int i = 0; i < outputs.length; i++) {
            float[] out = owner.kernels().toFloats(outputs[i]);
            for (int j = 0; j < out.length; j++) {
                sum += (double) out[j] * projections[i][j];
            }
            outputs[i].close();
        }
        inputs[input].close();
        return sum;
    }
}
