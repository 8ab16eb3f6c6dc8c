package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProductChoiceTest extends OnDevice {

    ProductChoiceTest() {
        super(Device.cpu());
    }

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    @Test
    void thePropertySettlesIt() {
        assertThat(ProductChoice.settled("onednn")).isEqualTo(ProductChoice.Routine.ONEDNN);
        assertThat(ProductChoice.settled("packed")).isEqualTo(ProductChoice.Routine.PACKED);
        assertThat(ProductChoice.settled("torch")).isEqualTo(ProductChoice.Routine.TORCH);
        assertThat(ProductChoice.settled(null)).isNull();
        assertThatThrownBy(() -> ProductChoice.settled("mkl"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("system property peft4j.products must be onednn, packed or torch, got \"mkl\"");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void float32IsMeasuredOncePerClass(boolean transposed) {
        NDArray w = scope.zeros(Precision.FLOAT32, 700, 600);
        NDArray seen = transposed ? k.transpose(w) : w;
        NDArray x = scope.zeros(Precision.FLOAT32, 70, transposed ? 700 : 600);
        NDArray g = scope.zeros(Precision.FLOAT32, 9, transposed ? 600 : 700);
        boolean forward = ProductChoice.forwardByOneDnn(x, seen);
        boolean backward = ProductChoice.backwardByOneDnn(g, seen);
        for (int i = 0; i < 100; i++) {
            assertThat(ProductChoice.forwardByOneDnn(x, seen)).isEqualTo(forward);
            assertThat(ProductChoice.backwardByOneDnn(g, seen)).isEqualTo(backward);
        }
    }

    @Test
    void choicesGoFromOneProcessToAnother() {
        NDArray w = scope.zeros(Precision.FLOAT32, 701, 601);
        NDArray x = scope.zeros(Precision.FLOAT32, 70, 601);
        ProductChoice.adopt(Map.of("forward 128x601x701", "torch"));
        assertThat(ProductChoice.forwardByOneDnn(x, w)).isFalse();
        assertThat(ProductChoice.measured()).containsEntry("forward 128x601x701", "torch");
        ProductChoice.adopt(Map.of("forward 128x601x701", "onednn"));
        assertThat(ProductChoice.forwardByOneDnn(x, w)).isTrue();
    }

    @Test
    void unknownChoicesAreRefusedTogetherAndChangeNothing() {
        Map<String, String> choices =
                new TreeMap<>(Map.of("backward 1x2x3", "torch", "forward 1x2", "torch", "forward 1x2x4", "mkl"));
        assertThatThrownBy(() -> ProductChoice.adopt(choices))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected choices as \"forward 128x576x1536\": \"onednn\", or backward, or torch; got"
                        + " \"forward 1x2\": \"torch\", \"forward 1x2x4\": \"mkl\"");
        assertThat(ProductChoice.measured()).doesNotContainKey("backward 1x2x3");
    }

    @Test
    void float32IsNotMeasuredWhereItIsNotWorthIt() {
        NDArray large = scope.zeros(Precision.FLOAT32, 512, 1024);
        NDArray small = scope.zeros(Precision.FLOAT32, 4, 1024);
        assertThat(ProductChoice.forwardByOneDnn(scope.zeros(Precision.FLOAT32, 7, 1024), large))
                .isTrue();
        assertThat(ProductChoice.forwardByOneDnn(scope.zeros(Precision.FLOAT32, 90, 1024), small))
                .isTrue();
    }

    @Test
    void aTrialOfAPartOfALargeWeightLeavesNothingBehind() {
        NDArray w = scope.zeros(Precision.FLOAT32, 9000, 512);
        NDArray transposed = k.transpose(w);
        int before = scope.liveArrays();
        new ProductTrial(false, 32, 9000, 512).oneDnnWins(w);
        new ProductTrial(true, 32, 512, 9000).oneDnnWins(transposed);
        assertThat(scope.liveArrays()).isEqualTo(before);
    }

    @Test
    void bfloat16GoesByRowsAndSummandsAndFloat16ThePlainWay() {
        NDArray w = scope.zeros(Precision.BFLOAT16, 6, 4);
        NDArray vocabulary = scope.zeros(Precision.BFLOAT16, 16384, 4);
        NDArray half = scope.zeros(Precision.FLOAT16, 6, 4);
        assertThat(ProductChoice.forwardByOneDnn(rows(7), w)).isTrue();
        assertThat(ProductChoice.forwardByOneDnn(rows(8), w)).isFalse();
        assertThat(ProductChoice.forwardByOneDnn(rows(64), vocabulary)).isFalse();
        assertThat(ProductChoice.backwardByOneDnn(rows(64), vocabulary)).isTrue();
        assertThat(ProductChoice.backwardByOneDnn(rows(63), vocabulary)).isFalse();
        assertThat(ProductChoice.backwardByOneDnn(rows(64), w)).isFalse();
        assertThat(ProductChoice.forwardByOneDnn(scope.zeros(Precision.BFLOAT16), w))
                .isFalse();
        assertThat(ProductChoice.forwardByOneDnn(scope.zeros(Precision.FLOAT16, 7, 4), half))
                .isFalse();
    }

    private NDArray rows(long count) {
        return scope.zeros(Precision.BFLOAT16, count, 4);
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
