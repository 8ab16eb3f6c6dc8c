package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutTest extends OnDevice {

    DropoutTest() {
        super(Device.cpu());
    }

    private NDArray ones(Precision precision, int rows, int columns) {
        float[] values = new float[rows * columns];
        Arrays.fill(values, 1);
        return k.cast(scope.floats(values, rows, columns), precision);
    }

    /** 1 where a value is kept, 0 where it is dropped. */
    private int[] kept(double p, long seed, int count) {
        float[] values = k.toFloats(k.dropout(ones(Precision.FLOAT32, 1, count), p, seed));
        return IntStream.range(0, count).map(i -> values[i] == 0 ? 0 : 1).toArray();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05, 0.1, 0.5, 0.9, 0.999})
    void theShareOfDroppedValuesIsThatAskedFor(double p) {
        int count = 200_000;
        for (long seed : new long[] {0, 1, -1, Long.MAX_VALUE, 123456789123L}) {
            int dropped = count - Arrays.stream(kept(p, seed, count)).sum();
            double deviation = Math.sqrt(count * p * (1 - p));
            assertThat(Math.abs(dropped - count * p)).isLessThanOrEqualTo(4.5 * deviation);
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void keptValuesAreScaledInTheirOwnFormat(Precision precision) {
        NDArray y = k.dropout(ones(precision, 20, 30), 0.5, 5);
        assertThat(k.precision(y)).isEqualTo(precision);
        assertThat(k.toFloats(y)).containsOnly(0, 2);
    }

    @Test
    void equalSeedsDropEqualPlacesInEveryFormatAndLayout() {
        float[] expected = k.toFloats(k.dropout(ones(Precision.FLOAT32, 20, 30), 0.3, 99));
        for (Precision precision : Precision.values()) {
            float[] actual = k.toFloats(k.dropout(ones(precision, 20, 30), 0.3, 99));
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i] == 0).isEqualTo(expected[i] == 0);
            }
        }
        NDArray turned = k.transpose(ones(Precision.FLOAT32, 30, 20));
        assertThat(k.toFloats(k.dropout(turned, 0.3, 99))).isEqualTo(expected);
    }

    @Test
    void torchsGeneratorTakesNoPart() {
        float[] expected = k.toFloats(k.dropout(ones(Precision.FLOAT32, 8, 8), 0.5, 3));
        JniUtils.setSeed(1);
        float first = scope.longs(0)
                .getManager()
                .randomUniform(0, 1, new ai.djl.ndarray.types.Shape(1))
                .toFloatArray()[0];
        JniUtils.setSeed(1);
        assertThat(k.toFloats(k.dropout(ones(Precision.FLOAT32, 8, 8), 0.5, 3))).isEqualTo(expected);
        float again = scope.longs(0)
                .getManager()
                .randomUniform(0, 1, new ai.djl.ndarray.types.Shape(1))
                .toFloatArray()[0];
        assertThat(again).isEqualTo(first);
    }

    @Test
    void otherThreadsDoNotDisturbIt() {
        float[] expected = k.toFloats(k.dropout(ones(Precision.FLOAT32, 50, 50), 0.5, 3));
        assertThat(IntStream.range(0, 32).parallel().mapToObj(i -> {
                    try (Scope own = Scope.open(Device.cpu())) {
                        Kernels kernels = own.kernels();
                        kernels.dropout(own.zeros(Precision.FLOAT32, 10, i + 1), 0.5, i);
                        float[] ones = new float[2500];
                        Arrays.fill(ones, 1);
                        return kernels.toFloats(kernels.dropout(own.floats(ones, 50, 50), 0.5, 3));
                    }
                }))
                .allSatisfy(actual -> assertThat(actual).isEqualTo(expected));
    }

    /** Seeds next to each other, seeds that differ in their upper half, and places next to each other are unrelated. */
    @Test
    void placesAndSeedsAreUncorrelated() {
        int count = 100_000;
        Random random = new Random(4);
        for (int trial = 0; trial < 10; trial++) {
            long seed = random.nextLong();
            int[] base = kept(0.5, seed, count);
            for (long other : new long[] {seed + 1, seed ^ (1L << 32), seed ^ (1L << 63), seed + 0x9E3779B9L}) {
                assertThat(agreement(base, kept(0.5, other, count), 0)).isBetween(0.49, 0.51);
            }
            for (int shift : new int[] {1, 2, 3, 64, 576, 4096}) {
                assertThat(agreement(base, base, shift)).as("shift " + shift).isBetween(0.49, 0.51);
            }
        }
    }

    private static double agreement(int[] a, int[] b, int shift) {
        int equal = 0;
        for (int i = shift; i < a.length; i++) {
            equal += a[i] == b[i - shift] ? 1 : 0;
        }
        return (double) equal / (a.length - shift);
    }

    @Test
    void nothingIsDroppedAtZeroAndEverythingAtOne() {
        NDArray x = scope.floats(new float[] {1, -2, Float.POSITIVE_INFINITY, Float.NaN}, 4);
        assertThat(k.toFloats(k.dropout(x, 0, 1))).containsExactly(1, -2, Float.POSITIVE_INFINITY, Float.NaN);
        assertThat(k.toFloats(k.dropout(x, 1, 1))).containsExactly(0, 0, 0, 0);
        assertThat(k.precision(k.dropout(k.cast(x, Precision.BFLOAT16), 1, 1))).isEqualTo(Precision.BFLOAT16);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void otherProbabilitiesAreRefused(double p) {
        assertThatThrownBy(() -> k.dropout(scope.longs(1), p, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a dropout probability lies between 0 and 1, got " + p);
    }
}
