package io.github.peft4j.testkit.internal;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertClose;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertDiffers;
import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ArrayAssertionsTest {

    @Test
    void closenessIsMeasuredByTheLargestExpectedValue() {
        float[] expected = {0, -100, 1};
        assertThatCode(() -> assertClose("x", new float[] {0.09f, -100, 1}, expected, 1e-3))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> assertClose("x", new float[] {0, -100, 1.2f}, expected, 1e-3))
                .isInstanceOf(AssertionError.class)
                .hasMessage(
                        "x: element 2 of 3 is 1.2, expected 1.0; the distance 0.200 is more than 0.00100 of the largest"
                                + " expected value 100.000");
    }

    @Test
    void whatIsNotANumberIsNeverClose() {
        assertThatThrownBy(() -> assertClose("x", new float[] {1, Float.NaN}, new float[] {1, 2}, 10))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("element 1 of 2 is NaN");
        assertThatThrownBy(() -> assertClose("x", Double.NaN, 1, 10)).isInstanceOf(AssertionError.class);
    }

    @Test
    void numbersAreComparedRelativeToTheExpectedOne() {
        assertThatCode(() -> assertClose("loss", 2.0001, 2, 1e-4)).doesNotThrowAnyException();
        assertThatThrownBy(() -> assertClose("loss", 2.1, 2, 1e-4))
                .isInstanceOf(AssertionError.class)
                .hasMessage("loss is 2.1, expected 2.0; the relative distance 0.0500 is more than 0.000100");
    }

    @Test
    void equalToTheBitTellsZerosApart() {
        assertThatCode(() -> assertSameBits("x", new float[] {Float.NaN, 1}, new float[] {Float.NaN, 1}))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> assertSameBits("x", new float[] {-0f}, new float[] {0f}))
                .isInstanceOf(AssertionError.class)
                .hasMessage("x: element 0 of 1 is -0.0, expected exactly 0.0");
    }

    @Test
    void lengthsMustBeEqual() {
        assertThatThrownBy(() -> assertSameBits("x", new float[1], new float[2]))
                .isInstanceOf(AssertionError.class)
                .hasMessage("x: got 1 elements, expected 2");
    }

    @Test
    void aDifferenceMayBeDemanded() {
        assertThatCode(() -> assertDiffers("x", new float[] {1}, new float[] {2}))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> assertDiffers("x", new float[] {1}, new float[] {1}))
                .isInstanceOf(AssertionError.class)
                .hasMessage("x: all 1 elements are the same, expected a difference");
    }
}
