package io.github.peft4j.models.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Pooling of rows of 3, 1 and 4 tokens, of which the last row's first two are passed over. */
class PoolingTest {

    private static final int TOKENS = 8;
    private static final int WIDTH = 5;
    private static final Pooling.Spans SPANS =
            new Pooling.Spans(new long[] {0, 3, 6}, new long[] {2, 3, 7}, new long[] {0, 0, 2});

    private static float[] values(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** The definition, in float64. */
    private static double pooled(Pooling.Mode mode, float[] x, int row, int dimension) {
        int first = (int) SPANS.first()[row];
        int last = (int) SPANS.last()[row];
        double sum = 0;
        double weighted = 0;
        double weights = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (int token = first; token <= last; token++) {
            double value = x[token * WIDTH + dimension];
            double weight = token - first + 1 + SPANS.before()[row];
            sum += value;
            weighted += weight * value;
            weights += weight;
            largest = Math.max(largest, value);
        }
        int count = last - first + 1;
        return switch (mode) {
            case CLS -> x[first * WIDTH + dimension];
            case LASTTOKEN -> x[last * WIDTH + dimension];
            case MAX -> largest;
            case MEAN -> sum / count;
            case MEAN_SQRT_LEN_TOKENS -> sum / Math.sqrt(count);
            case WEIGHTEDMEAN -> weighted / weights;
        };
    }

    /** The sum of g times what a function makes of x, and the gradient of x. */
    private static float[] gradient(float[] x, float[] g, Recorded function) {
        try (Scope scope = Scope.open(Device.cpu());
                Forward context = Forward.recording(scope, Rows.of(TOKENS), new Forward.Recording(0, false, false))) {
            Activation input = Activation.variable(scope.floats(x, TOKENS, WIDTH));
            Activation output = function.of(context, input);
            try (NDArray weights = scope.floats(g, output.array().getShape().getShape())) {
                output.accumulateShared(weights, context.kernels());
            }
            context.backward();
            return context.kernels().toFloats(input.takeGradient());
        }
    }

    private interface Recorded {
        Activation of(Forward context, Activation x);
    }

    private static float[] output(float[] x, Precision precision, Recorded function) {
        try (Scope scope = Scope.open(Device.cpu());
                Forward context = Forward.inference(scope, Rows.of(TOKENS))) {
            NDArray exact = scope.floats(x, TOKENS, WIDTH);
            NDArray input = context.kernels().cast(exact, precision);
            Activation output = function.of(context, Activation.constant(input));
            assertThat(context.kernels().precision(output.array())).isEqualTo(precision);
            return context.kernels().toFloats(output.array());
        }
    }

    private static void assertGradient(float[] x, Recorded function) {
        float[] g = values(2, output(x, Precision.FLOAT32, function).length);
        float[] gradient = gradient(x, g, function);
        float step = 1e-3f;
        for (int i = 0; i < x.length; i++) {
            float[] up = x.clone();
            float[] down = x.clone();
            up[i] += step;
            down[i] -= step;
            float[] high = output(up, Precision.FLOAT32, function);
            float[] low = output(down, Precision.FLOAT32, function);
            double rise = 0;
            for (int j = 0; j < g.length; j++) {
                rise += g[j] * ((double) high[j] - low[j]);
            }
            assertThat((double) gradient[i])
                    .as("gradient of value %d", i)
                    .isCloseTo(rise / ((double) up[i] - down[i]), within(2e-3));
        }
    }

    @ParameterizedTest
    @EnumSource
    void poolsAsItsDefinitionSays(Pooling.Mode mode) {
        float[] x = values(1, TOKENS * WIDTH);
        Pooling pooling = new Pooling(List.of(mode));
        for (Precision precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
            float[] found = output(x, precision, (context, input) -> pooling.of(context, input, SPANS));
            for (int i = 0; i < found.length; i++) {
                assertThat((double) found[i])
                        .isCloseTo(
                                pooled(mode, x, i / WIDTH, i % WIDTH),
                                within(precision == Precision.FLOAT32 ? 1e-6 : 3e-2));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void gradientsAreThoseOfFiniteDifferences(Pooling.Mode mode) {
        Pooling pooling = new Pooling(List.of(mode));
        assertGradient(values(1, TOKENS * WIDTH), (context, x) -> pooling.of(context, x, SPANS));
    }

    @Test
    void severalModesStandSideBySide() {
        float[] x = values(1, TOKENS * WIDTH);
        Pooling pooling = new Pooling(List.of(Pooling.Mode.MAX, Pooling.Mode.MEAN, Pooling.Mode.CLS));
        float[] found = output(x, Precision.FLOAT32, (context, input) -> pooling.of(context, input, SPANS));
        assertThat(found).hasSize(3 * 3 * WIDTH);
        for (int i = 0; i < found.length; i++) {
            Pooling.Mode mode = pooling.modes().get(i / WIDTH % 3);
            assertThat((double) found[i]).isCloseTo(pooled(mode, x, i / (3 * WIDTH), i % WIDTH), within(1e-6));
        }
        assertGradient(x, (context, input) -> pooling.of(context, input, SPANS));
    }

    @Test
    void unitVectorsHaveLengthOneAndZeroStaysZero() {
        float[] x = values(1, TOKENS * WIDTH);
        for (int i = 0; i < WIDTH; i++) {
            x[i] = 0;
        }
        float[] found = output(x, Precision.FLOAT32, Functions::unit);
        for (int row = 0; row < TOKENS; row++) {
            double squares = 0;
            for (int i = 0; i < WIDTH; i++) {
                squares += Math.pow(found[row * WIDTH + i], 2);
            }
            assertThat(squares).isCloseTo(row == 0 ? 0 : 1, within(1e-6));
        }
        assertGradient(values(3, TOKENS * WIDTH), Functions::unit);
    }

    @ParameterizedTest
    @CsvSource({"cls, CLS", "first, CLS", "last, LASTTOKEN", "lasttoken, LASTTOKEN", "mean, MEAN"})
    void knowsItsNames(String text, Pooling.Mode mode) {
        assertThat(Pooling.Mode.of(text)).isEqualTo(mode);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThatThrownBy(() -> Pooling.Mode.of("median"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a pooling must be one of cls, max, mean, mean_sqrt_len_tokens, weightedmean, lasttoken,"
                        + " got \"median\"");
        assertThatThrownBy(() -> new Pooling(List.of())).hasMessage("a pooling needs at least one mode");
        assertThatThrownBy(() -> SPANS.without(2)).hasMessage("row 1 has no token to be read");
    }
}
