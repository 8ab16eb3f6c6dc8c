package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.internal.KernelLibrary;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** oneDNN's operator and torch's routine are two ways to the same products. */
class ProductsTest extends OnDevice {

    ProductsTest() {
        super(Device.cpu());
    }

    /** How a matrix lies in memory. */
    enum Layout {
        ROWS,
        COLUMNS,
        ROWS_WITH_GAPS,
        COLUMNS_WITH_GAPS
    }

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    /** Rows, inputs and outputs about the limits at which another way of calling oneDNN begins: one piece, several, a last one that is small. */
    static Stream<Arguments> large() {
        return Stream.of(Layout.values())
                .flatMap(layout -> Stream.of(
                        Arguments.of(layout, 15, 600, 700),
                        Arguments.of(layout, 16, 600, 700),
                        Arguments.of(layout, 255, 240, 1101),
                        Arguments.of(layout, 256, 600, 700),
                        Arguments.of(layout, 257, 1030, 1100)));
    }

    @BeforeEach
    void needsOneDnn() {
        Assumptions.assumeTrue(library().products().float32(), "this build of libtorch has no oneDNN");
    }

    private static KernelLibrary library() {
        return KernelLibrary.forDevice(Device.cpu());
    }

    private float[] run(String method, Object... arguments) {
        return k.toFloats((NDArray) library().call(scope, method, arguments));
    }

    private void assertSame(NDArray x, NDArray w, NDArray b, NDArray other, double tolerance) {
        Closeness.assertClose(run("linear", x, w, b, true), run("linear", x, w, b, false), tolerance, "linear");
        Closeness.assertClose(run("linear", x, w, null, true), run("linear", x, w, null, false), tolerance, "no bias");
        Closeness.assertClose(
                run("linear_add", x, w, other, true), run("linear_add", x, w, other, false), tolerance, "add");
        NDArray g = other;
        Closeness.assertClose(
                run("linear_gradient", g, w, true), run("linear_gradient", g, w, false), tolerance, "gradient");
        Closeness.assertClose(
                run("linear_gradient_add", g, w, x, true),
                run("linear_gradient_add", g, w, x, false),
                tolerance,
                "gradient and sum");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void bothRoutinesComputeTheSame(int seed) {
        Precision precision =
                seed % 2 == 0 || !library().products().bfloat16() ? Precision.FLOAT32 : Precision.BFLOAT16;
        Draw d = new Draw(scope, seed, precision, precision);
        int n = d.size(1, 40);
        int in = d.size(1, 70);
        int out = d.size(1, 70);
        NDArray x = d.normal(n, in);
        NDArray w = seed % 3 == 0 ? k.transpose(d.normal(in, out)) : d.normal(out, in);
        assertSame(x, w, d.normal(out), d.normal(n, out), precision == Precision.FLOAT32 ? 1e-5 : 1.6e-2);
    }

    @ParameterizedTest
    @MethodSource("large")
    void bothRoutinesComputeTheSameWithLargeWeights(Layout layout, int rows, int in, int out) {
        Draw d = new Draw(scope, rows, Precision.FLOAT32, Precision.FLOAT32);
        NDArray w = switch (layout) {
            case ROWS -> d.normal(out, in);
            case COLUMNS -> k.transpose(d.normal(in, out));
            case ROWS_WITH_GAPS -> k.narrow(d.normal(out, in + 3), 1, 2, in);
            case COLUMNS_WITH_GAPS -> k.narrow(k.transpose(d.normal(in, out + 5)), 0, 1, out);
        };
        NDArray x = k.narrow(d.normal(rows, in + 2), 1, 1, in);
        assertSame(x, w, d.normal(out), d.normal(rows, out), 1e-5);
    }

    @Test
    void equalProductsHaveEqualBits() {
        Draw d = new Draw(scope, 1, Precision.FLOAT32, Precision.FLOAT32);
        NDArray w = d.normal(1100, 1030);
        for (int rows : new int[] {10, 100, 300}) {
            NDArray x = d.normal(rows, 1030);
            NDArray g = d.normal(rows, 1100);
            float[] forward = k.toFloats(k.linear(x, w, null));
            float[] backward = k.toFloats(k.linearGradient(g, w, null));
            for (int i = 0; i < 5; i++) {
                // Elsewhere in memory, and beside other arrays.
                NDArray copy = k.copy(w);
                assertThat(k.toFloats(k.linear(k.copy(x), copy, null))).isEqualTo(forward);
                assertThat(k.toFloats(k.linearGradient(k.copy(g), copy, null))).isEqualTo(backward);
            }
        }
    }
}
