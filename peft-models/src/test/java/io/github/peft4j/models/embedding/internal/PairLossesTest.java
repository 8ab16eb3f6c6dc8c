package io.github.peft4j.models.embedding.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Forward;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses of vectors against their formulas in double precision, and gradients against differences of these. */
class PairLossesTest {

    private static final int WIDTH = 5;
    private static final double WEIGHT = 0.25;
    private static final double STEP = 1e-6;

    private final Scope scope = Scope.open(Device.cpu());

    @AfterEach
    void close() {
        scope.close();
    }

    private interface Loss {
        double of(Forward context, Activation vectors);
    }

    private interface Formula {
        double of(double[][] vectors);
    }

    @ParameterizedTest(name = "{0} rows, {1} negatives, scale {2}")
    @CsvSource({"1, 0, 20", "3, 0, 20", "3, 6, 20", "3, 1, 2.5", "2, 5, 100"})
    void contrastsAreTheCrossEntropyAmongAllTexts(int rows, int negatives, double scale) {
        assertLoss(
                2 * rows + negatives,
                (context, vectors) -> PairLosses.ofContrasts(context, vectors, rows, scale, WEIGHT),
                vectors -> {
                    double loss = 0;
                    for (int anchor = 0; anchor < rows; anchor++) {
                        double sum = 0;
                        for (int other = rows; other < vectors.length; other++) {
                            sum += Math.exp(scale * product(vectors[anchor], vectors[other]));
                        }
                        loss += Math.log(sum) - scale * product(vectors[anchor], vectors[rows + anchor]);
                    }
                    return loss;
                });
    }

    @Test
    void similaritiesAreTheSquaredErrorOfCosines() {
        float[] scores = {0.9f, 0, -0.5f};
        assertLoss(6, (context, vectors) -> PairLosses.ofSimilarities(context, vectors, scores, WEIGHT), vectors -> {
            double loss = 0;
            for (int row = 0; row < 3; row++) {
                loss += Math.pow(product(vectors[row], vectors[3 + row]) - scores[row], 2);
            }
            return loss;
        });
    }

    private static double product(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    private void assertLoss(int texts, Loss loss, Formula formula) {
        Random random = new Random(texts);
        float[] values = new float[texts * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 2;
        }
        double expected = formula.of(exact(values, 0, 0));
        try (NDArray array = scope.floats(values, texts, WIDTH);
                Forward plain = Forward.inference(scope)) {
            assertThat(loss.of(plain, Activation.constant(array))).isCloseTo(expected, within(1e-5 * expected));
        }
        try (NDArray array = scope.floats(values, texts, WIDTH);
                Forward context = Forward.recording(scope, new Forward.Recording(0, false, false))) {
            Activation vectors = Activation.variable(array);
            assertThat(loss.of(context, vectors)).isCloseTo(expected, within(1e-5 * expected));
            float[] gradient = scope.kernels().toFloats(vectors.gradient());
            for (int i = 0; i < values.length; i++) {
                double slope = (formula.of(exact(values, i, STEP)) - formula.of(exact(values, i, -STEP))) / (2 * STEP);
                assertThat((double) gradient[i]).as("gradient %d", i).isCloseTo(WEIGHT * slope, within(1e-4));
            }
        }
    }

    /** The values with one of them moved. */
    private static double[][] exact(float[] values, int moved, double step) {
        double[][] vectors = new double[values.length / WIDTH][WIDTH];
        for (int i = 0; i < values.length; i++) {
            vectors[i / WIDTH][i % WIDTH] = values[i] + (i == moved ? step : 0);
        }
        return vectors;
    }
}
