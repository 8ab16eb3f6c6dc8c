package io.github.peft4j.models.nn.attention.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.github.peft4j.models.Golden;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PositionsTest {

    private static final Golden GOLDEN = Golden.of("positions");

    @AfterAll
    static void close() {
        GOLDEN.close();
    }

    static int[] heads() {
        return java.util.stream.IntStream.rangeClosed(1, 40).toArray();
    }

    @ParameterizedTest
    @MethodSource("heads")
    void alibiHasTheSlopesOfTransformers(int heads) {
        float[] expected = GOLDEN.floats("alibi." + heads);
        assertLastBit(Alibi.slopes(heads), expected);
    }

    /** Powers in float32 differ in the last bit between libraries; no value may be off by more. */
    private static void assertLastBit(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(actual[i] - expected[i])).isLessThanOrEqualTo(Math.ulp(expected[i]));
        }
    }

    @Test
    void rotatesAtTheFrequenciesOfTransformers() {
        assertLastBit(Rotary.frequencies(128, 10000), GOLDEN.floats("rotary.default"));
        assertLastBit(new RotaryScaling.None().frequencies(128, 10000, 0), GOLDEN.floats("rotary.default"));
        assertLastBit(new RotaryScaling.Linear(3).frequencies(128, 130000, 0), GOLDEN.floats("rotary.linear"));
        assertLastBit(
                new RotaryScaling.Llama3(32, 1, 4, 8192).frequencies(128, 500000, 0), GOLDEN.floats("rotary.llama3"));
    }

    @Test
    void stretchesFrequenciesAsTransformersDoes() {
        RotaryScaling yarn = new Yarn(4, 1, 32, 1, 32768, true);
        assertLastBits(yarn.frequencies(128, 1000000, 0), GOLDEN.floats("rotary.yarn"));
        RotaryScaling dynamic = new DynamicNtk(2, 4096);
        assertLastBits(dynamic.frequencies(128, 10000, 4096), GOLDEN.floats("rotary.default"));
        assertLastBits(dynamic.frequencies(128, 10000, 5000), GOLDEN.floats("rotary.dynamic"));
        List<Double> factors =
                IntStream.range(0, 64).mapToObj(i -> 1 + 0.25 * i).toList();
        List<Double> ones = Collections.nCopies(64, 1.0);
        RotaryScaling longRope = new LongRope(ones, factors, 1, 4096);
        assertLastBits(longRope.frequencies(128, 10000, 4096), GOLDEN.floats("rotary.default"));
        assertLastBits(longRope.frequencies(128, 10000, 4097), GOLDEN.floats("rotary.longrope"));
    }

    /** Several steps in float32, each of them rounded. */
    private static void assertLastBits(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(actual[i] - expected[i])).isLessThanOrEqualTo(4 * Math.ulp(expected[i]));
        }
    }

    @Test
    void multipliesCosinesAndSinesAsTransformersDoes() {
        assertThat(Yarn.factor(4, 0, 0)).isCloseTo(GOLDEN.floats("factor.yarn")[0], offset(1e-7));
        assertThat(Yarn.factor(4, 0.7, 1.2)).isCloseTo(GOLDEN.floats("factor.yarn by mscale")[0], offset(1e-7));
        assertThat(LongRope.factor(32, 4096)).isCloseTo(GOLDEN.floats("factor.longrope")[0], offset(1e-7));
        assertThat(LongRope.factor(1, 4096)).isEqualTo(1);
        assertThat(Yarn.factor(1, 0, 0)).isEqualTo(1);
    }

    @Test
    void refusesHeadsThatCannotBeStretched() {
        assertThatThrownBy(() -> new DynamicNtk(2, 8).requireFits(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dynamic rotary positions need more than 2 values per head, got 2");
        assertThatThrownBy(() -> new LongRope(List.of(1.0), List.of(1.0, 2.0), 1, 8).requireFits(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("long_factor must have length 1, one for each pair of values that is rotated, got 2");
    }

    @Test
    void llama3KeepsShortWavesAndDividesLongOnes() {
        float[] plain = {1, 0.1f, 0.01f};
        float[] scaled = new RotaryScaling.Llama3(4, 1, 4, 64).apply(plain);
        assertThat(scaled[0]).isEqualTo(1);
        assertThat(scaled[1]).isBetween(0.025f, 0.1f);
        assertThat(scaled[2]).isEqualTo(0.0025f);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN})
    void refusesFactorsThatAreNotAboveZero(double factor) {
        assertThatThrownBy(() -> new RotaryScaling.Linear(factor))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("factor must be above 0, got " + factor);
        assertThatThrownBy(() -> new RotaryScaling.Llama3(factor, 1, 4, 8))
                .hasMessage("factor must be above 0, got " + factor);
        assertThatThrownBy(() -> new RotaryScaling.Llama3(2, factor, 4, 8))
                .hasMessage("low_freq_factor must be above 0, got " + factor);
    }

    @Test
    void llama3NeedsAPassageBetweenLongAndShortWaves() {
        assertThatThrownBy(() -> new RotaryScaling.Llama3(2, 4, 4, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("high_freq_factor must be above low_freq_factor 4.0, got 4.0");
        assertThatThrownBy(() -> new RotaryScaling.Llama3(2, 1, 4, 0))
                .hasMessage("original_max_position_embeddings must be above 0, got 0.0");
    }
}
