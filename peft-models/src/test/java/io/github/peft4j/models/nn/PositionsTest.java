package io.github.peft4j.models.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.Golden;
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
