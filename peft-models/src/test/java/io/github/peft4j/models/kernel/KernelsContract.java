package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.internal.AttentionKernels;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the operations without a gradient of their own do, on any device. */
abstract class KernelsContract extends OnDevice {

    KernelsContract(Device device) {
        super(device);
    }

    static IntStream seeds() {
        return IntStream.range(0, 20);
    }

    @Test
    void arithmeticIsElementByElement() {
        NDArray x = scope.floats(new float[] {1, -2, 3}, 3);
        NDArray y = scope.floats(new float[] {10, 20, 30}, 3);
        assertThat(k.toFloats(k.add(x, y))).containsExactly(11, 18, 33);
        assertThat(k.toFloats(k.subtract(x, y))).containsExactly(-9, -22, -27);
        assertThat(k.toFloats(k.multiply(x, y))).containsExactly(10, -40, 90);
        assertThat(k.toFloats(k.scale(x, 0.5))).containsExactly(0.5f, -1, 1.5f);
        k.addInto(x, y);
        assertThat(k.toFloats(x)).containsExactly(11, 18, 33);
        k.scaleInto(x, 2);
        assertThat(k.toFloats(x)).containsExactly(22, 36, 66);
        NDArray a = scope.floats(new float[] {1, 2, 3, 4}, 2, 2);
        assertThat(k.toFloats(k.matmul(a, a))).containsExactly(7, 10, 15, 22);
        assertThat(k.toFloats(k.transpose(a))).containsExactly(1, 3, 2, 4);
    }

    @Test
    void viewsShareMemoryAndCopiesDoNot() {
        NDArray x = counted(2, 3);
        NDArray alias = k.alias(x);
        NDArray reshaped = k.reshape(x, 3, 2);
        NDArray column = k.narrow(x, 1, 1, 2);
        NDArray copy = k.copy(x);
        k.scaleInto(x, 10);
        assertThat(k.toFloats(alias)).containsExactly(0, 10, 20, 30, 40, 50);
        assertThat(k.toFloats(reshaped)).containsExactly(0, 10, 20, 30, 40, 50);
        assertThat(reshaped.getShape()).isEqualTo(new Shape(3, 2));
        assertThat(k.toFloats(column)).containsExactly(10, 20, 40, 50);
        assertThat(k.toFloats(k.contiguous(column))).containsExactly(10, 20, 40, 50);
        assertThat(k.toFloats(copy)).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void aCastIsACopyInEveryFormat() {
        NDArray x = scope.floats(new float[] {1, 1 + 0x1p-9f, 70000}, 3);
        NDArray bfloat16 = k.cast(x, Precision.BFLOAT16);
        assertThat(k.precision(bfloat16)).isEqualTo(Precision.BFLOAT16);
        assertThat(k.toFloats(bfloat16)).containsExactly(1, 1, 70144);
        NDArray float16 = k.cast(x, Precision.FLOAT16);
        assertThat(k.precision(float16)).isEqualTo(Precision.FLOAT16);
        assertThat(k.toFloats(float16)).containsExactly(1, 1 + 0x1p-9f, Float.POSITIVE_INFINITY);
        NDArray same = k.cast(x, Precision.FLOAT32);
        k.scaleInto(x, 0);
        assertThat(k.precision(same)).isEqualTo(Precision.FLOAT32);
        assertThat(k.toFloats(same)).containsExactly(1, 1 + 0x1p-9f, 70000);
    }

    @Test
    void partsAreJoinedAndWrittenInPlace() {
        NDArray x = counted(2, 2);
        assertThat(k.toFloats(k.concat(List.of(x, x), 0))).containsExactly(0, 1, 2, 3, 0, 1, 2, 3);
        assertThat(k.toFloats(k.concat(List.of(x, x), 1))).containsExactly(0, 1, 0, 1, 2, 3, 2, 3);
        NDArray target = scope.zeros(Precision.BFLOAT16, 2, 3);
        k.copyInto(target, 1, 1, x);
        assertThat(k.toFloats(target)).containsExactly(0, 0, 1, 0, 2, 3);
        k.assign(target, counted(2, 3)).close();
        assertThat(k.toFloats(target)).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(k.precision(target)).isEqualTo(Precision.BFLOAT16);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void placeholdersHaveShapeAndFormat(Precision precision) {
        NDArray zero = k.expandedZero(counted(1), new long[] {1_000_000, 1_000_000}, precision);
        assertThat(zero.getShape()).isEqualTo(new Shape(1_000_000, 1_000_000));
        assertThat(k.precision(zero)).isEqualTo(precision);
        NDArray like = k.cast(counted(2, 3, 4), precision);
        NDArray rows = k.emptyRows(like, 7);
        assertThat(rows.getShape()).isEqualTo(new Shape(7, 3, 4));
        assertThat(k.precision(rows)).isEqualTo(precision);
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void readingsAreExactInEveryFormat(Precision precision) {
        NDArray x = k.cast(scope.floats(new float[] {1, -8, 4, 2, 3, 0.5f}, 2, 3), precision);
        assertThat(k.maxAbs(x)).isEqualTo(8);
        assertThat(k.allFinite(x)).isTrue();
        assertThat(k.toLongs(k.argMax(x))).containsExactly(2, 1);
        assertThat(k.toFloats(k.sumRows(x))).containsExactly(3, -5, 4.5f);
        assertThat(k.precision(k.sumRows(x))).isEqualTo(Precision.FLOAT32);
        assertThat(k.toFloats(k.narrow(x, 1, 0, 1))).containsExactly(1, 2);
        NDArray bad = k.cast(scope.floats(new float[] {1, Float.NaN}, 2), precision);
        assertThat(k.allFinite(bad)).isFalse();
        assertThat(k.allFinite(k.cast(scope.floats(new float[] {Float.NEGATIVE_INFINITY}, 1), precision)))
                .isFalse();
    }

    @Test
    void wholeNumbersAreReadAndOthersRefused() {
        assertThat(k.toLongs(scope.longs(3, 1L << 40))).containsExactly(3, 1L << 40);
        assertThat(k.toLongs(scope.longs(new int[] {-1, 2}))).containsExactly(-1, 2);
        assertThatThrownBy(() -> k.toLongs(counted(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected an array of whole numbers, got float32");
    }

    @Test
    void sixteenBitSumsOfAWeightsGradientAreNotRoundedOnTheWay() {
        int rows = 1000;
        float[] ones = new float[rows];
        java.util.Arrays.fill(ones, 100);
        for (Precision precision : Precision.values()) {
            NDArray g = k.cast(scope.floats(ones, rows, 1), precision);
            NDArray x = k.cast(scope.floats(ones, rows, 1), precision);
            assertThat(k.toFloats(k.outer(g, x))).as(precision.text()).containsExactly(1e7f);
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void nothingGivesNothing(Precision precision) {
        NDArray none = scope.zeros(precision, 0, 6);
        NDArray w = scope.zeros(precision, 4, 6);
        NDArray six = scope.zeros(precision, 6);
        NDArray none4 = scope.zeros(precision, 0, 4);
        NDArray heads = scope.zeros(precision, 0, 4, 2);
        NDArray group = scope.zeros(precision, 0, 2, 2);
        assertThat(k.linear(none, w, null).getShape()).isEqualTo(new Shape(0, 4));
        assertThat(k.linearAdd(none, w, none4).getShape()).isEqualTo(new Shape(0, 4));
        assertThat(k.linearGradient(none4, w, none).getShape()).isEqualTo(new Shape(0, 6));
        assertThat(k.toFloats(k.outer(none4, none))).hasSize(24).containsOnly(0);
        assertThat(k.toFloats(k.sumRows(none))).hasSize(6).containsOnly(0);
        assertThat(norms.rmsNorm(none, six, 1e-5).getShape()).isEqualTo(new Shape(0, 6));
        assertThat(norms.rmsNormGradient(none, none, six, 1e-5).getShape()).isEqualTo(new Shape(0, 6));
        assertThat(k.toFloats(norms.rmsNormWeightGradient(none, none, 1e-5)))
                .hasSize(6)
                .containsOnly(0);
        assertThat(norms.layerNorm(none, six, six, 1e-5).getShape()).isEqualTo(new Shape(0, 6));
        assertThat(norms.layerNormGradient(none, none, six, 1e-5).getShape()).isEqualTo(new Shape(0, 6));
        assertThat(k.toFloats(norms.layerNormWeightGradient(none, none, 1e-5)))
                .hasSize(6)
                .containsOnly(0);
        assertThat(k.swiGluGradient(none, none, none)).hasSize(2);
        assertThat(k.dropout(none, 0.5, 1).getShape()).isEqualTo(new Shape(0, 6));
        assertThat(attention.splitInterleaved(none, 2)[2].getShape()).isEqualTo(new Shape(0, 2, 1));
        assertThat(attention.splitBlocks(none, 2, 2)[0].getShape()).isEqualTo(new Shape(0, 2, 1));
        assertThat(attention.joinInterleaved(group, group, group).getShape()).isEqualTo(new Shape(0, 12));
        assertThat(attention.joinBlocks(group, group, group).getShape()).isEqualTo(new Shape(0, 12));
        assertThat(k.rows(w, scope.longs(new long[0])).getShape()).isEqualTo(new Shape(0, 6));
        assertThat(k.toFloats(k.rowsGradient(none, scope.longs(new long[0]), 2)))
                .containsOnly(0)
                .hasSize(12);
        assertThat(k.maxAbs(none)).isZero();
        assertThat(k.allFinite(none)).isTrue();
        assertThat(k.crossEntropyInto(none, scope.longs(new long[0]), 1)).isZero();
        AttentionKernels.Attended attended =
                attention.attend(heads, group, group, null, null, new int[0], List.of(), SHORT);
        assertThat(attended.output().getShape()).isEqualTo(new Shape(0, 4, 2));
    }

    /** Widths that are squares take another way than the rest. */
    @ParameterizedTest
    @CsvSource({"64, 1e-5", "60, 1e-5", "64, 0.5", "60, 0.5"})
    void inBfloat16ANormsGradientIsThatOfFloat32(int width, double eps) {
        Draw draw = new Draw(scope, width);
        NDArray g = k.cast(draw.normal(5, 2, width), Precision.BFLOAT16);
        NDArray x = k.cast(draw.normal(5, 2, width), Precision.BFLOAT16);
        NDArray w = k.cast(draw.normal(width), Precision.BFLOAT16);
        NDArray gradient = norms.rmsNormGradient(g, x, w, eps);
        NDArray exact = norms.rmsNormGradient(wide(g), wide(x), wide(w), eps);
        assertThat(k.precision(gradient)).isEqualTo(Precision.BFLOAT16);
        assertThat(gradient.getShape()).isEqualTo(new Shape(5, 2, width));
        assertThat(k.maxAbs(k.subtract(wide(gradient), exact))).isLessThan(0.01 * k.maxAbs(exact));
    }

    private NDArray wide(NDArray x) {
        return k.cast(x, Precision.FLOAT32);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theLossAloneIsThatOfThePair(int seed) {
        Draw draw = new Draw(scope, seed);
        NDArray logits = draw.normal(4, 7);
        NDArray targets = draw.below(7, 4);
        assertThat(k.crossEntropyLoss(logits, targets)).isCloseTo(k.crossEntropyInto(logits, targets, 3), within(1e-6));
    }

    @Test
    void aLossSurvivesLogitsFarApart() {
        NDArray logits = scope.floats(new float[] {1e4f, -1e4f, 0}, 1, 3);
        assertThat(k.crossEntropyInto(k.copy(logits), scope.longs(0), 1)).isZero();
        assertThat(k.crossEntropyInto(logits, scope.longs(1), 1)).isCloseTo(2e4, within(1e-3));
        assertThat(k.toFloats(logits)).containsExactly(1, -1, 0);
    }

    @Test
    void shapesThatTheEngineWouldReadBeyondAreRefused() {
        NDArray x = counted(3, 4);
        NDArray w = counted(5, 4);
        assertThatThrownBy(() -> k.linearAdd(x, w, counted(3, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("linearAdd: other of shape (3, 4) does not fit the product of shapes (3, 4) and (5, 4)");
        assertThatThrownBy(() -> k.linearAdd(x, w, counted(1, 5))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> k.linearAdd(x, w, counted(5))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> k.linearGradient(counted(3, 5), w, counted(2, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("linearGradient: other of shape (2, 4) does not fit");
        assertThatThrownBy(() -> norms.layerNormGradient(counted(2, 4), x, counted(4), 1e-5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("layerNormGradient needs arrays of one shape, got (2, 4) and (3, 4)");
        assertThatThrownBy(() -> norms.layerNormWeightGradient(counted(2, 4), x, 1e-5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("layerNormWeightGradient needs");
        assertThatThrownBy(() -> k.crossEntropyInto(x, scope.longs(0, 1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cross-entropy needs logits [n, V] and targets [n], got shapes (3, 4) and (2)");
        assertThatThrownBy(() -> k.crossEntropyLoss(x, scope.longs(0, 1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> k.narrow(x, 1, 3, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("narrow: an array of shape (3, 4) has no entries 3 to 5 in dimension 1");
        assertThatThrownBy(() -> k.narrow(x, 2, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> k.narrow(x, 0, -1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theEnginesRefusalsNameTheArguments() {
        NDArray x = counted(3, 4);
        assertThatThrownBy(() -> k.add(x, counted(3, 5)))
                .isInstanceOf(EngineException.class)
                .hasMessage(
                        "kernel add(float32 (3, 4), float32 (3, 5)) failed: The size of tensor a (4) must match the size of"
                                + " tensor b (5) at non-singleton dimension 1");
        assertThatThrownBy(() -> k.addInto(x, counted(3, 5)))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith("kernel addInto(float32 (3, 4), float32 (3, 5)) failed: ");
        assertThatThrownBy(() -> k.reshape(k.cast(x, Precision.BFLOAT16), 5))
                .isInstanceOf(EngineException.class)
                .hasMessage("kernel reshape(bfloat16 (3, 4), [5]) failed: shape '[5]' is invalid for input of size 12");
    }

    @Test
    void indicesOutsideAreRefused() {
        assertThatThrownBy(() -> k.rowsGradient(counted(1, 4), scope.longs(3), 3))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("index 3 is out of bounds");
        assertThatThrownBy(() -> k.embedding(counted(3, 4), scope.longs(-1))).isInstanceOf(EngineException.class);
        assertThatThrownBy(() -> k.crossEntropyInto(counted(1, 4), scope.longs(4), 1))
                .isInstanceOf(EngineException.class);
    }
}
