package io.github.peft4j.methods.lora;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.methods.lora.internal.LoraMethod;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization;
import io.github.peft4j.methods.lora.internal.update.LoraInitialization.Initial;
import io.github.peft4j.methods.lora.internal.update.LoraKernels;
import io.github.peft4j.methods.lora.internal.update.Magnitude;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.testkit.internal.GoldenTensors;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("golden")
class LoraInitializationTest {

    private static final long IN = 40;
    private static final long OUT = 30;
    private static final int RANK = 8;
    private static final double SCALE = 1.5;

    /** What rounding to float32 leaves of a product of two factors, however close together a weight's singular values lie. */
    private static final double ROUNDED = 1e-6;

    private final Scope scope = Scope.open(Device.cpu());

    @AfterEach
    void closeScope() {
        scope.close();
    }

    private static float[] normal(long seed, long size) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[(int) size];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private Linear layer(long in, long out, boolean conv1d) {
        NDArray values = scope.floats(normal(3, in * out), conv1d ? in : out, conv1d ? out : in);
        Weight weight = new Weight("weight", values, Precision.FLOAT32, scope, false);
        return conv1d ? Linear.conv1d(weight, null) : Linear.of(weight, null);
    }

    private Initial initial(String name, Linear layer, int rank) {
        return LoraInitialization.of(name).linear(layer, rank, SCALE, new SplittableRandom(11));
    }

    private float[] floats(NDArray array) {
        return scope.kernels().toFloats(array);
    }

    /** The largest distance between what a sample's share below a value is and what it should be. */
    private static double kolmogorovSmirnov(float[] sample, DoubleUnaryOperator distribution) {
        float[] sorted = sample.clone();
        Arrays.sort(sorted);
        double largest = 0;
        for (int i = 0; i < sorted.length; i++) {
            double expected = distribution.applyAsDouble(sorted[i]);
            largest = Math.max(largest, Math.abs(expected - (double) i / sorted.length));
            largest = Math.max(largest, Math.abs(expected - (i + 1.0) / sorted.length));
        }
        return largest * Math.sqrt(sorted.length);
    }

    /** What the statistic stays below in all but one of a million samples. */
    private static final double UNLIKELY = 2.7;

    private static void assertUniform(float[] sample, double bound) {
        assertThat(kolmogorovSmirnov(sample, x -> (x + bound) / (2 * bound))).isLessThan(UNLIKELY);
        for (float value : sample) {
            assertThat(Math.abs(value)).isLessThanOrEqualTo((float) bound);
        }
    }

    private static void assertNormal(float[] sample, double deviation) {
        assertThat(kolmogorovSmirnov(sample, x -> normalShareBelow(x / deviation)))
                .isLessThan(UNLIKELY);
    }

    /** Abramowitz and Stegun 26.2.17, to 8e-8. */
    private static double normalShareBelow(double x) {
        double t = 1 / (1 + 0.2316419 * Math.abs(x));
        double tail = t
                * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
                * Math.exp(-x * x / 2)
                / Math.sqrt(2 * Math.PI);
        return x > 0 ? 1 - tail : tail;
    }

    @Test
    void byDefaultAIsUniformWithinTheRootOfTheInputsAndBIsZero() {
        Initial initial = initial("true", layer(400, OUT, false), 16);
        assertUniform(floats(initial.a()), 1 / Math.sqrt(400));
        assertThat(floats(initial.b())).containsOnly(0f);
    }

    @Test
    void gaussianHasTheInverseRankAsDeviation() {
        Initial initial = initial("gaussian", layer(400, OUT, false), 16);
        assertNormal(floats(initial.a()), 1.0 / 16);
        assertThat(floats(initial.b())).containsOnly(0f);
    }

    @Test
    void falseLeavesBothFactorsAsNewLinearLayersAre() {
        Initial initial = initial("false", layer(400, 500, false), 16);
        assertUniform(floats(initial.a()), 1 / Math.sqrt(400));
        assertUniform(floats(initial.b()), 1 / Math.sqrt(16));
        NDArray bias = LoraInitialization.of("false").biasOfB(scope, 5000, 16, new SplittableRandom(1));
        assertUniform(floats(bias), 1 / Math.sqrt(16));
        assertThat(floats(LoraInitialization.of("true").biasOfB(scope, 50, 16, new SplittableRandom(1))))
                .containsOnly(0f);
    }

    @Test
    void anEmbeddingStartsWithAZeroAndANormalBWhateverIsAskedForButFalse() {
        for (String name : new String[] {"true", "gaussian", "pissa", "olora", "orthogonal"}) {
            Initial initial = LoraInitialization.of(name).embedding(scope, 60, 400, 9, new SplittableRandom(2));
            assertThat(floats(initial.a())).hasSize(9 * 60).containsOnly(0f);
            assertNormal(floats(initial.b()), 1);
        }
        Initial random = LoraInitialization.of("false").embedding(scope, 600, 40, 9, new SplittableRandom(2));
        assertNormal(floats(random.a()), 1);
        assertNormal(floats(random.b()), 1);
    }

    private NDArray product(Initial initial) {
        return scope.kernels().matmul(initial.b(), initial.a());
    }

    @Test
    void pissaTakesTheLargestSingularValuesInEqualParts() {
        for (boolean conv1d : new boolean[] {false, true}) {
            Linear layer = layer(IN, OUT, conv1d);
            Initial initial = initial("pissa", layer, RANK);
            NDArray[] usv = LoraKernels.of(scope).svd(layer.matrix(scope.kernels()));
            float[] all = floats(usv[1]);
            NDArray[] taken = LoraKernels.of(scope).svd(product(initial));
            float[] scaled = floats(scope.kernels().scale(taken[1], SCALE));
            assertClose("singular values", Arrays.copyOf(scaled, RANK), Arrays.copyOf(all, RANK), 1e-5);
            float[] ofA = floats(LoraKernels.of(scope).svd(initial.a())[1]);
            float[] ofB = floats(LoraKernels.of(scope).svd(initial.b())[1]);
            assertClose("parts", ofA, ofB, 1e-5);
        }
    }

    @Test
    void anApproximatePissaComesNearTheExactOneAndIsTheSameEachTime() {
        // Fast decay, as the subspace iteration needs.
        Kernels k = scope.kernels();
        NDArray low = k.matmul(scope.floats(normal(1, OUT * 4), OUT, 4), scope.floats(normal(2, 4 * IN), 4, IN));
        NDArray noise = k.scale(scope.floats(normal(5, OUT * IN), OUT, IN), 0.01);
        Linear layer = Linear.of(new Weight("weight", k.add(low, noise), Precision.FLOAT32, scope, false), null);
        Initial exact = initial("pissa", layer, 4);
        Initial near = initial("pissa_niter_4", layer, 4);
        assertClose("share of the weight", floats(product(near)), floats(product(exact)), 1e-4);
        assertSameBits("A again", floats(initial("pissa_niter_4", layer, 4).a()), floats(near.a()));
    }

    @Test
    void oloraTakesColumnsOfQAndRowsOfR() {
        Linear layer = layer(IN, OUT, true);
        Initial initial = initial("olora", layer, RANK);
        NDArray[] qr = LoraKernels.of(scope).qr(layer.matrix(scope.kernels()));
        Kernels k = scope.kernels();
        assertSameBits("B", floats(initial.b()), floats(k.contiguous(k.narrow(qr[0], 1, 0, RANK))));
        assertSameBits("A", floats(initial.a()), floats(k.contiguous(k.narrow(qr[1], 0, 0, RANK))));
    }

    @Test
    void orthogonalFactorsCancelEachOther() {
        Initial initial = initial("orthogonal", layer(400, 300, false), 16);
        NDArray product = product(initial);
        assertThat(scope.kernels().maxAbs(product)).isLessThan(1e-6);
        // Each value is a sum of eight products of a normal value and an entry of a rotation, over ten: deviation 1 /
        // (10 sqrt 2).
        float[] a = floats(initial.a());
        double square = 0;
        for (float value : a) {
            square += value * value;
        }
        assertThat(Math.sqrt(square / a.length)).isBetween(0.065, 0.077);
    }

    @Test
    void orthogonalFactorsNeedAnEvenRank() {
        assertThatThrownBy(() -> LoraInitialization.of("orthogonal").checkRank(3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Orthogonal initialization requires the LoRA rank to be even, got 3 instead.");
    }

    @Test
    void factorsTakenOutOfAWeightAreNoLargerThanIt() {
        Linear layer = layer(IN, OUT, false);
        assertThat(LoraInitialization.of("pissa").rank(layer, 100)).isEqualTo(30);
        assertThat(LoraInitialization.of("olora").rank(layer, 20)).isEqualTo(20);
        assertThat(LoraInitialization.of("true").rank(layer, 100)).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-pissa", "gpt2-pissa", "llama-dora-pissa", "llama-olora"})
    void firstValuesTakenOutOfAWeightAreThoseOfPython(String name) {
        GoldenCase given = new GoldenCase(name);
        try (Model<LanguageHead> model = given.base();
                GoldenTensors golden = given.golden()) {
            LoraConfig config = new LoraMethod().schema().read(ConfigText.values(given));
            PeftModel<?> peft = PeftModel.attach(model, config, AttachContext.of(5));
            Kernels k = model.scope().kernels();
            for (Map.Entry<String, Weight> entry : peft.adapter().parameters().entrySet()) {
                String key = entry.getKey();
                float[] expected = golden.floats("initial." + key);
                if (!key.endsWith("lora_A.weight")) {
                    continue;
                }
                // A singular vector's sign is free: what counts is the product.
                String other = key.replace("lora_A", "lora_B");
                Weight b = peft.adapter().parameters().get(other);
                float[] expectedB = golden.floats("initial." + other);
                try (NDArray product = k.matmul(b.array(), entry.getValue().array());
                        NDArray theirA = model.scope()
                                .floats(expected, entry.getValue().shape().getShape());
                        NDArray theirB =
                                model.scope().floats(expectedB, b.shape().getShape());
                        NDArray theirs = k.matmul(theirB, theirA)) {
                    assertClose(key, k.toFloats(product), k.toFloats(theirs), ROUNDED);
                }
            }
            peft.adapter().parameters().forEach((key, weight) -> {
                if (key.endsWith(Magnitude.NAME)) {
                    assertClose(key, ToyOutputs.values(weight), golden.floats("initial." + key), 1e-5);
                }
            });
        }
    }
}
