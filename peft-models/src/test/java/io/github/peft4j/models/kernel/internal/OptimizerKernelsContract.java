package io.github.peft4j.models.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Draw;
import io.github.peft4j.models.kernel.OnDevice;
import io.github.peft4j.models.kernel.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The optimiser's operations against the same in plain Java and double precision. */
public abstract class OptimizerKernelsContract extends OnDevice {

    private OptimizerKernels optimizer;

    public OptimizerKernelsContract(Device device) {
        super(device);
    }

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    @BeforeEach
    void optimizer() {
        optimizer = OptimizerKernels.of(scope);
    }

    /** torch.optim.AdamW as its documentation writes it. */
    private static final class Reference {
        private final double[] w;
        private final double[] m;
        private final double[] v;
        private int step;

        Reference(float[] weights) {
            w = IntStream.range(0, weights.length).mapToDouble(i -> weights[i]).toArray();
            m = new double[w.length];
            v = new double[w.length];
        }

        void step(float[] g, double rate, double beta1, double beta2, double decay, double epsilon) {
            step++;
            for (int i = 0; i < w.length; i++) {
                w[i] -= rate * decay * w[i];
                m[i] = beta1 * m[i] + (1 - beta1) * g[i];
                v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
                double first = m[i] / (1 - Math.pow(beta1, step));
                double second = v[i] / (1 - Math.pow(beta2, step));
                w[i] -= rate * first / (Math.sqrt(second) + epsilon);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void stepsAreThoseOfAdamW(int seed) {
        Draw draw = new Draw(scope, seed);
        double rate = Math.pow(10, -draw.size(1, 4));
        double beta1 = draw.coin() ? 0.9 : 0.5;
        double beta2 = draw.coin() ? 0.999 : 0.95;
        double decay = draw.coin() ? 0.01 : 0;
        double epsilon = draw.coin() ? 1e-8 : 1e-4;
        List<NDArray> weights = new ArrayList<>();
        List<NDArray> first = new ArrayList<>();
        List<NDArray> second = new ArrayList<>();
        List<NDArray> steps = new ArrayList<>();
        List<Reference> references = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            NDArray w = draw.normal(draw.size(1, 40));
            weights.add(w);
            first.add(scope.zeros(Precision.FLOAT32, w.getShape().get(0)));
            second.add(scope.zeros(Precision.FLOAT32, w.getShape().get(0)));
            steps.add(scope.zeros(Precision.FLOAT32));
            references.add(new Reference(k.toFloats(w)));
        }
        for (int step = 0; step < 8; step++) {
            List<NDArray> gradients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                gradients.add(draw.normal(weights.get(i).getShape().get(0)));
                references.get(i).step(k.toFloats(gradients.get(i)), rate, beta1, beta2, decay, epsilon);
            }
            optimizer.adamW(weights, gradients, first, second, steps, rate, beta1, beta2, decay, epsilon);
        }
        for (int i = 0; i < 3; i++) {
            assertAll(k.toFloats(weights.get(i)), references.get(i).w);
            assertAll(k.toFloats(first.get(i)), references.get(i).m);
            assertAll(k.toFloats(second.get(i)), references.get(i).v);
            assertThat(k.toFloats(steps.get(i))).containsExactly(8);
        }
    }

    private static void assertAll(float[] actual, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-6 * Math.max(1, Math.abs(expected[i]))));
        }
    }

    /** Torch adds epsilon after the correction of the root: a gradient far below epsilon moves the weight by less than the rate. */
    @Test
    void epsilonStandsWhereTorchHasIt() {
        NDArray w = scope.zeros(Precision.FLOAT32, 1);
        NDArray g = scope.floats(new float[] {1e-7f}, 1);
        optimizer.adamW(
                List.of(w),
                List.of(g),
                List.of(scope.zeros(Precision.FLOAT32, 1)),
                List.of(scope.zeros(Precision.FLOAT32, 1)),
                List.of(scope.zeros(Precision.FLOAT32)),
                1,
                0.9,
                0.999,
                0,
                1e-8);
        assertThat((double) k.toFloats(w)[0]).isCloseTo(-1e-7 / (1e-7 + 1e-8), within(1e-5));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void clippingScalesToTheLimitAndNeverUp(int seed) {
        Draw draw = new Draw(scope, seed);
        List<NDArray> arrays = List.of(draw.normal(3), draw.normal(2, 5), draw.normal(1));
        double square = 0;
        List<float[]> before = new ArrayList<>();
        for (NDArray array : arrays) {
            before.add(k.toFloats(array));
            for (float value : before.get(before.size() - 1)) {
                square += (double) value * value;
            }
        }
        double norm = optimizer.globalNorm(arrays);
        assertThat(norm).isCloseTo(Math.sqrt(square), within(1e-5));
        double limit = draw.coin() ? norm / 3 : norm * 3;
        optimizer.clipInto(arrays, norm, limit);
        double factor = Math.min(1, limit / (norm + 1e-6));
        for (int i = 0; i < before.size(); i++) {
            float[] after = k.toFloats(arrays.get(i));
            for (int j = 0; j < after.length; j++) {
                assertThat((double) after[j]).isCloseTo(before.get(i)[j] * factor, within(1e-6));
            }
        }
    }

    @Test
    void nothingToUpdateIsNoError() {
        assertThat(optimizer.globalNorm(List.of())).isZero();
        optimizer.clipInto(List.of(), 1, 1);
        optimizer.adamW(List.of(), List.of(), List.of(), List.of(), List.of(), 1, 0.9, 0.999, 0, 1e-8);
    }

    @Test
    void aNormThatIsNoNumberChangesNothing() {
        NDArray g = scope.floats(new float[] {1, Float.NaN}, 2);
        double norm = optimizer.globalNorm(List.of(g));
        assertThat(norm).isNaN();
        optimizer.clipInto(List.of(g), norm, 1);
        assertThat(k.toFloats(g)).containsExactly(1, Float.NaN);
    }

    @Test
    void listsThatDoNotFitAreRefused() {
        List<NDArray> two = List.of(scope.zeros(Precision.FLOAT32, 2));
        List<NDArray> three = List.of(scope.zeros(Precision.FLOAT32, 3));
        List<NDArray> step = List.of(scope.zeros(Precision.FLOAT32));
        assertThatThrownBy(() -> optimizer.adamW(two, three, two, two, step, 1, 0.9, 0.999, 0, 1e-8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("adamW: array 0 has shape (2), its companion (3)");
        assertThatThrownBy(() -> optimizer.adamW(three, three, two, three, step, 1, 0.9, 0.999, 0, 1e-8))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> optimizer.adamW(three, three, three, two, step, 1, 0.9, 0.999, 0, 1e-8))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> optimizer.adamW(two, two, two, two, List.of(), 1, 0.9, 0.999, 0, 1e-8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("adamW needs lists of one length, got 1 and 0");
    }
}
