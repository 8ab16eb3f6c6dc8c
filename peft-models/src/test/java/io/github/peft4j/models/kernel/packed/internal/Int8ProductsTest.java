package io.github.peft4j.models.kernel.packed.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.internal.PackedValues;
import io.github.peft4j.models.kernel.packed.Quantization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is expected is computed from the same whole numbers in plain Java, summed as longs. */
class Int8ProductsTest {

    /** Rows as whole numbers and a scale each. */
    private record Codes(long[][] values, float[] scales) {

        /** As matrices are packed. */
        static Codes ofMatrix(float[][] w) {
            long[][] values = new long[w.length][];
            float[] scales = new float[w.length];
            for (int i = 0; i < w.length; i++) {
                float largest = largest(w[i]);
                scales[i] = largest / 127;
                values[i] = rounded(w[i], 1 / Math.max(largest, 1e-37f) * 127f);
            }
            return new Codes(values, scales);
        }

        /** As inputs and gradients are rounded. */
        static Codes ofRows(float[][] x) {
            long[][] values = new long[x.length][];
            float[] scales = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                scales[i] = Math.max(largest(x[i]) * (float) (1 / 126.5), 1.2e-37f);
                values[i] = rounded(x[i], 1 / scales[i]);
            }
            return new Codes(values, scales);
        }

        private static float largest(float[] row) {
            float largest = 0;
            for (float value : row) {
                largest = Math.max(largest, Math.abs(value));
            }
            return largest;
        }

        private static long[] rounded(float[] row, float factor) {
            long[] codes = new long[row.length];
            for (int i = 0; i < row.length; i++) {
                codes[i] = (long) Math.rint(row[i] * factor);
            }
            return codes;
        }
    }

    private static void needed() {
        String missing = Quantization.INT8_PRODUCTS.missing(Device.cpu());
        assumeTrue(missing == null, missing);
    }

    private static float[][] random(int seed, int rows, int columns) {
        Random random = new Random(seed);
        float[][] values = new float[rows][columns];
        for (float[] row : values) {
            for (int i = 0; i < columns; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return values;
    }

    private static NDArray array(Scope scope, float[][] values) {
        float[] flat = new float[values.length * values[0].length];
        for (int i = 0; i < values.length; i++) {
            System.arraycopy(values[i], 0, flat, i * values[0].length, values[0].length);
        }
        return scope.floats(flat, values.length, values[0].length);
    }

    private static PackedValues packed(Scope scope, float[][] w, Quantization quantization) {
        Quantization.Packer packer = quantization.packer(scope);
        packer.add(array(scope, w));
        return packer.finish();
    }

    @ParameterizedTest
    @CsvSource({"16,1,1", "17,35,19", "33,64,48", "130,129,257"})
    void forwardIsTheSumOfTheSameWholeNumbers(int rows, int in, int out) {
        needed();
        float[][] x = random(1, rows, in);
        float[][] w = random(2, out, in);
        x[0] = new float[in];
        w[out - 1][0] = 40;
        x[1][0] = 1e30f;
        x[2][in - 1] = -1e-30f;
        Codes xs = Codes.ofRows(x);
        Codes ws = Codes.ofMatrix(w);
        try (Scope scope = Scope.open(Device.cpu())) {
            float[] b = random(3, 1, out)[0];
            NDArray y = packed(scope, w, Quantization.INT8_PRODUCTS)
                    .outputs(scope.kernels(), array(scope, x), scope.floats(b, out), Precision.FLOAT32);
            float[] found = y.toFloatArray();
            for (int n = 0; n < rows; n++) {
                for (int o = 0; o < out; o++) {
                    long sum = 0;
                    for (int i = 0; i < in; i++) {
                        sum += xs.values[n][i] * ws.values[o][i];
                    }
                    float product = (float) sum * ws.scales[o] * xs.scales[n];
                    assertThat(found[n * out + o])
                            .as("row %d, output %d", n, o)
                            .isCloseTo(product + b[o], within(1e-6f * (Math.abs(product) + Math.abs(b[o]))));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"16,1,1", "17,35,19", "33,64,48", "130,129,257"})
    void backwardIsTheSumOfTheSameWholeNumbers(int rows, int in, int out) {
        needed();
        float[][] g = random(4, rows, out);
        float[][] w = random(5, out, in);
        float[][] other = random(6, rows, in);
        g[3] = new float[out];
        Codes ws = Codes.ofMatrix(w);
        float[][] scaled = new float[rows][out];
        for (int n = 0; n < rows; n++) {
            for (int o = 0; o < out; o++) {
                scaled[n][o] = g[n][o] * ws.scales[o];
            }
        }
        Codes gs = Codes.ofRows(scaled);
        try (Scope scope = Scope.open(Device.cpu())) {
            NDArray dx = packed(scope, w, Quantization.INT8_PRODUCTS)
                    .inputGradient(scope.kernels(), array(scope, g), array(scope, other), Precision.FLOAT32);
            float[] found = dx.toFloatArray();
            for (int n = 0; n < rows; n++) {
                for (int i = 0; i < in; i++) {
                    long sum = 0;
                    for (int o = 0; o < out; o++) {
                        sum += gs.values[n][o] * ws.values[o][i];
                    }
                    float product = (float) sum * gs.scales[n];
                    assertThat(found[n * in + i])
                            .as("row %d, input %d", n, i)
                            .isCloseTo(
                                    product + other[n][i], within(1e-6f * (Math.abs(product) + Math.abs(other[n][i]))));
                }
            }
        }
    }

    @Test
    void rowsThatAreNotFiniteBecomeNaNAndLeaveOthersAlone() {
        needed();
        float[][] x = random(7, 20, 24);
        float[][] w = random(8, 12, 24);
        try (Scope scope = Scope.open(Device.cpu())) {
            PackedValues packed = packed(scope, w, Quantization.INT8_PRODUCTS);
            float[] before = packed.outputs(scope.kernels(), array(scope, x), null, Precision.FLOAT32)
                    .toFloatArray();
            x[4][3] = Float.NaN;
            x[9][0] = Float.NEGATIVE_INFINITY;
            x[11] = new float[24];
            x[12] = new float[24];
            x[12][5] = 1e-42f;
            float[] found = packed.outputs(scope.kernels(), array(scope, x), null, Precision.FLOAT32)
                    .toFloatArray();
            for (int i = 0; i < found.length; i++) {
                int row = i / 12;
                if (row == 4 || row == 9) {
                    assertThat(found[i]).as("row %d", row).isNaN();
                } else if (row == 11 || row == 12) {
                    assertThat(found[i]).as("row %d", row).isZero();
                } else {
                    assertThat(found[i]).as("row %d", row).isEqualTo(before[i]);
                }
            }
        }
    }

    @Test
    void bfloat16StaysWithinWhatEightBitsAllow() {
        needed();
        try (Scope scope = Scope.open(Device.cpu())) {
            Kernels k = scope.kernels();
            NDArray x = array(scope, random(9, 64, 200));
            float[][] w = random(10, 96, 200);
            NDArray narrow = k.cast(x, Precision.BFLOAT16);
            NDArray y = packed(scope, w, Quantization.INT8_PRODUCTS).outputs(k, narrow, null, Precision.BFLOAT16);
            assertThat(k.precision(y)).isEqualTo(Precision.BFLOAT16);
            float[] found = k.cast(y, Precision.FLOAT32).toFloatArray();
            float[] exact = k.linear(x, array(scope, w), null).toFloatArray();
            double error = 0;
            double size = 0;
            for (int i = 0; i < exact.length; i++) {
                error += Math.pow(found[i] - exact[i], 2);
                size += Math.pow(exact[i], 2);
            }
            assertThat(Math.sqrt(error / size)).isBetween(0.001, 0.02);
        }
    }

    @Test
    void fewRowsKeepTheirExactInputs() {
        needed();
        float[][] x = random(11, 15, 40);
        float[][] w = random(12, 8, 40);
        try (Scope scope = Scope.open(Device.cpu())) {
            Kernels k = scope.kernels();
            float[] found = packed(scope, w, Quantization.INT8_PRODUCTS)
                    .outputs(k, array(scope, x), null, Precision.FLOAT32)
                    .toFloatArray();
            float[] unpacked = packed(scope, w, Quantization.INT8)
                    .outputs(k, array(scope, x), null, Precision.FLOAT32)
                    .toFloatArray();
            assertThat(found).containsExactly(unpacked);
        }
    }

    @Test
    void theProcessorsDescriptionDecides(@TempDir Path folder) throws IOException {
        Path with = Files.writeString(folder.resolve("with"), "model name\t: x\nflags\t\t: fpu avx512f avx512_vnni\n");
        Path without = Files.writeString(folder.resolve("without"), "flags\t\t: fpu avx2 avx_vnni avx512f\n");
        assertThat(Int8Products.hasInstructions(with)).isTrue();
        assertThat(Int8Products.hasInstructions(without)).isFalse();
        assertThat(Int8Products.hasInstructions(folder.resolve("none"))).isFalse();
    }

    @Test
    void whatCannotBeIsSaid() {
        assertThat(Quantization.INT8_PRODUCTS.missing(Device.gpu())).contains("8-bit products are for the CPU");
        assertThat(Quantization.INT8.missing(Device.gpu())).isNull();
        assertThatThrownBy(() -> new Quantization(Quantization.Kind.NF4, true, true))
                .hasMessage("8-bit products are for int8 codes, got NF4");
    }
}
