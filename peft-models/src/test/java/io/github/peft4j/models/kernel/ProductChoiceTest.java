package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProductChoiceTest extends OnDevice {

    ProductChoiceTest() {
        super(Device.cpu());
    }

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    @Test
    void thePropertySettlesIt() {
        assertThat(ProductChoice.choose("onednn")).isEqualTo(ProductChoice.Routine.ONEDNN);
        assertThat(ProductChoice.choose("packed")).isEqualTo(ProductChoice.Routine.PACKED);
        assertThat(ProductChoice.choose("torch")).isEqualTo(ProductChoice.Routine.TORCH);
        assertThatThrownBy(() -> ProductChoice.choose("mkl"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("system property peft4j.products must be onednn, packed or torch, got \"mkl\"");
    }

    @Test
    void float32IsMeasuredOnceAndForAll() {
        NDArray x = scope.zeros(Precision.FLOAT32, 3, 4);
        boolean first = ProductChoice.oneDnnFor(DataType.FLOAT32, x);
        for (int i = 0; i < 100; i++) {
            assertThat(ProductChoice.oneDnnFor(DataType.FLOAT32, x)).isEqualTo(first);
        }
    }

    @Test
    void bfloat16GoesByTheNumberOfRowsAndFloat16ThePlainWay() {
        NDArray few = scope.zeros(Precision.BFLOAT16, 7, 4);
        NDArray many = scope.zeros(Precision.BFLOAT16, 8, 4);
        assertThat(ProductChoice.oneDnnFor(DataType.UNKNOWN, few)).isTrue();
        assertThat(ProductChoice.oneDnnFor(DataType.UNKNOWN, many)).isFalse();
        assertThat(ProductChoice.oneDnnFor(DataType.UNKNOWN, scope.zeros(Precision.BFLOAT16)))
                .isFalse();
        assertThat(ProductChoice.oneDnnFor(DataType.FLOAT16, few)).isFalse();
    }

    private float[] run(String method, Object... arguments) {
        return k.toFloats((NDArray) KernelLibrary.forDevice(Device.cpu()).call(scope, method, arguments));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void bothRoutinesComputeTheSame(int seed) {
        Assumptions.assumeTrue(
                KernelLibrary.forDevice(Device.cpu()).hasOneDnn(), "this build of libtorch has no oneDNN");
        Precision precision = seed % 2 == 0 ? Precision.FLOAT32 : Precision.BFLOAT16;
        double tolerance = precision == Precision.FLOAT32 ? 1e-5 : 1.6e-2;
        Draw d = new Draw(scope, seed, precision, precision);
        int n = d.size(1, 40);
        int in = d.size(1, 70);
        int out = d.size(1, 70);
        NDArray x = d.normal(n, in);
        NDArray w = seed % 3 == 0 ? k.transpose(d.normal(in, out)) : d.normal(out, in);
        NDArray b = d.normal(out);
        NDArray g = d.normal(n, out);
        Closeness.assertClose(run("linear", x, w, b, true), run("linear", x, w, b, false), tolerance, "linear");
        Closeness.assertClose(run("linear", x, w, null, true), run("linear", x, w, null, false), tolerance, "no bias");
        if (precision == Precision.FLOAT32) {
            try (OneDnnMatrix sorted = OneDnnMatrix.copy(scope, w)) {
                float[] y = k.toFloats(sorted.linear(scope, x, b));
                Closeness.assertClose(y, run("linear", x, w, b, false), tolerance, "sorted");
            }
        }
        Closeness.assertClose(run("linear_add", x, w, g, true), run("linear_add", x, w, g, false), tolerance, "add");
        Closeness.assertClose(
                run("linear_gradient", g, w, true), run("linear_gradient", g, w, false), tolerance, "gradient");
        Closeness.assertClose(
                run("linear_gradient_add", g, w, x, true),
                run("linear_gradient_add", g, w, x, false),
                tolerance,
                "gradient and sum");
    }
}
