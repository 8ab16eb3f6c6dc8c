package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.internal.OptimizerKernels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightTest extends OnDevice {

    WeightTest() {
        super(Device.cpu());
    }

    private NDArray values(float... values) {
        return scope.floats(values, values.length);
    }

    private Weight weight(Precision precision, float... values) {
        return new Weight("w", k.cast(values(values), precision), precision, scope, false);
    }

    @Test
    void isFrozenUntilTold() {
        Weight weight = weight(Precision.BFLOAT16, 1, 2, 3);
        assertThat(weight.trainable()).isFalse();
        assertThat(weight.name()).isEqualTo("w");
        assertThat(weight.shape()).isEqualTo(new Shape(3));
        assertThat(weight.size()).isEqualTo(3);
        assertThat(weight.scope()).isSameAs(scope);
        assertThat(weight.precision()).isEqualTo(Precision.BFLOAT16);
        assertThat(weight.gradient()).isNull();
    }

    private Weight matrix(int rows, int columns, float... values) {
        return new Weight("w", scope.floats(values, rows, columns), Precision.FLOAT32, scope, false);
    }

    @Test
    void twoWeightsOverOneMemoryAreEachOthersTransposed() {
        Weight one = matrix(2, 3, 1, 2, 3, 4, 5, 6);
        Weight other = matrix(3, 2, 0, 0, 0, 0, 0, 0);
        NDArray before = other.array();
        other.shareTransposed(one);
        assertThat(before.isReleased()).isTrue();
        assertThat(other.isShared()).isTrue();
        assertThat(one.isShared()).isFalse();
        assertThat(k.toFloats(k.contiguous(other.array()))).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(other.zeros(scope).getShape()).isEqualTo(other.shape());
        one.setTrainable(true);
        other.setTrainable(true);
        other.assign(scope.floats(new float[] {10, 40, 20, 50, 30, 60}, 3, 2));
        assertThat(k.toFloats(one.array())).containsExactly(10, 20, 30, 40, 50, 60);
        assertThatThrownBy(() -> matrix(2, 2, 1, 2, 3, 4).shareTransposed(one))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anOptimiserMovesWeightsOverOneMemoryInTurnEachByItsOwnGradient() {
        Weight one = matrix(2, 3, 1, 2, 3, 4, 5, 6);
        Weight other = matrix(3, 2, 0, 0, 0, 0, 0, 0);
        other.shareTransposed(one);
        one.setTrainable(true);
        other.setTrainable(true);
        one.accumulate(scope.floats(new float[] {1, 1, 1, 1, 1, 1}, 2, 3));
        // The value at row 0, column 1 is pushed the other way by the second.
        other.accumulate(scope.floats(new float[] {1, 0, -1, 0, 0, 0}, 3, 2));
        other.accumulate(scope.floats(new float[] {0, 0, -1, 0, 0, 0}, 3, 2));
        assertThat(k.toFloats(k.contiguous(other.gradient()))).containsExactly(1, 0, -2, 0, 0, 0);
        for (Weight weight : new Weight[] {one, other}) {
            OptimizerKernels.of(scope)
                    .adamW(
                            List.of(weight.array()),
                            List.of(weight.gradient()),
                            List.of(weight.zeros(scope)),
                            List.of(weight.zeros(scope)),
                            List.of(scope.zeros(Precision.FLOAT32)),
                            0.1,
                            0.9,
                            0.999,
                            0,
                            1e-8);
        }
        float[] moved = k.toFloats(one.array());
        float[] expected = {0.8f, 2, 2.9f, 3.9f, 4.9f, 5.9f};
        for (int i = 0; i < moved.length; i++) {
            assertThat(moved[i]).isCloseTo(expected[i], within(1e-5f));
        }
    }

    @Test
    void trainsInFloat32AndComputesInItsOwnFormat() {
        Weight weight = weight(Precision.BFLOAT16, 1, 2);
        NDArray before = weight.array();
        weight.setTrainable(true);
        assertThat(before.isReleased()).isTrue();
        assertThat(weight.precision()).isEqualTo(Precision.FLOAT32);
        assertThat(weight.computePrecision()).isEqualTo(Precision.BFLOAT16);
        assertThat(k.precision(weight.array())).isEqualTo(Precision.FLOAT32);
        try (NDArray compute = weight.forCompute(k);
                NDArray half = weight.in(Precision.FLOAT16, k);
                NDArray same = weight.in(Precision.FLOAT32, k)) {
            assertThat(k.precision(compute)).isEqualTo(Precision.BFLOAT16);
            assertThat(k.precision(half)).isEqualTo(Precision.FLOAT16);
            k.scaleInto(same, 2);
        }
        assertThat(k.toFloats(weight.array())).containsExactly(2, 4);
        weight.setTrainable(false);
        assertThat(k.precision(weight.array())).isEqualTo(Precision.FLOAT32);
    }

    @Test
    void isCopiedBeforeAReadOnlyMappingIsWrittenTo() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
        bytes.putFloat(0, 1).putFloat(4, 2);
        Weight weight = new Weight("w", scope.mapped(bytes, Precision.FLOAT32, 2), Precision.FLOAT32, scope, true);
        weight.assign(values(7, 8));
        assertThat(k.toFloats(weight.array())).containsExactly(7, 8);
        assertThat(bytes.getFloat(0)).isEqualTo(1);
        NDArray own = weight.array();
        weight.makeWritable();
        assertThat(weight.array()).as("its own memory already").isSameAs(own);
    }

    @Test
    void aBlankOneTakesNoMemoryUntilItIsGivenValues() {
        Weight huge = Weight.blank("w", Precision.BFLOAT16, scope, 1_000_000, 1_000_000);
        huge.keepInFloat32();
        assertThat(huge.shape()).isEqualTo(new Shape(1_000_000, 1_000_000));
        assertThat(huge.precision()).isEqualTo(Precision.FLOAT32);
        assertThat(huge.computePrecision()).isEqualTo(Precision.BFLOAT16);

        Weight filled = Weight.blank("w", Precision.FLOAT32, scope, 2);
        filled.replace(values(1, 2));
        assertThat(k.toFloats(filled.array())).containsExactly(1, 2);
        Weight assigned = Weight.blank("w", Precision.FLOAT32, scope, 2);
        assigned.assign(values(3, 4));
        assertThat(k.toFloats(assigned.array())).containsExactly(3, 4);
    }

    @Test
    void aBlankOneIsZeroAndHasMemoryOfItsOwnWhenTrained() {
        Weight weight = Weight.blank("w", Precision.BFLOAT16, scope, 2, 3);
        weight.setTrainable(true);
        k.addInto(weight.array(), scope.floats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        assertThat(k.toFloats(weight.array())).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void valuesAreKeptInFloat32OnRequest() {
        Weight weight = weight(Precision.BFLOAT16, 1, 2);
        weight.keepInFloat32();
        assertThat(weight.trainable()).isFalse();
        assertThat(k.precision(weight.array())).isEqualTo(Precision.FLOAT32);
        assertThat(weight.computePrecision()).isEqualTo(Precision.BFLOAT16);
        NDArray kept = weight.array();
        weight.keepInFloat32();
        assertThat(weight.array()).isSameAs(kept);
    }

    @Test
    void gradientsAddUpUntilForgotten() {
        Weight weight = weight(Precision.FLOAT32, 1, 2);
        weight.setTrainable(true);
        NDArray first = values(1, 1);
        NDArray second = values(2, 3);
        weight.accumulate(first);
        weight.accumulate(second);
        assertThat(weight.gradient()).isSameAs(first);
        assertThat(second.isReleased()).isTrue();
        assertThat(k.toFloats(weight.gradient())).containsExactly(3, 4);
        weight.clearGradient();
        assertThat(weight.gradient()).isNull();
        assertThat(first.isReleased()).isTrue();
        weight.accumulate(values(1, 1));
        weight.setTrainable(false);
        assertThat(weight.gradient()).isNull();
    }

    @Test
    void aGradientBelongsToTheWeightsScopeFromThenOn() {
        Weight weight = weight(Precision.FLOAT32, 1);
        try (Scope pass = scope.child()) {
            weight.accumulate(pass.floats(new float[] {5}, 1));
        }
        assertThat(k.toFloats(weight.gradient())).containsExactly(5);
    }

    @Test
    void aGradientOfAnotherShapeIsRefused() {
        Weight weight = weight(Precision.FLOAT32, 1, 2);
        weight.accumulate(values(1, 1));
        NDArray wrong = values(1);
        assertThatThrownBy(() -> weight.accumulate(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weight w has shape (2), got a gradient of shape (1)");
        assertThat(wrong.isReleased()).isFalse();
    }

    @Test
    void valuesOfAnotherShapeAreRefused() {
        Weight weight = weight(Precision.FLOAT32, 1, 2);
        assertThatThrownBy(() -> weight.replace(values(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weight w has shape (2), got values of shape (1)");
        weight.replace(values(3, 4));
        assertThat(k.toFloats(weight.array())).containsExactly(3, 4);
    }

    @Test
    void swapsNestAndAreUndoneInReverse() {
        Weight weight = weight(Precision.FLOAT32, 1);
        NDArray original = weight.array();
        assertThat(weight.original()).isSameAs(original);
        NDArray first = weight.swap(values(2));
        NDArray second = weight.swap(values(3));
        assertThat(weight.original()).isSameAs(original);
        assertThat(weight.canRestore(first)).isFalse();
        assertThatThrownBy(() -> weight.restore(first))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("weight w cannot go back to these values: undo later changes first");
        NDArray last = weight.array();
        weight.restore(second);
        assertThat(last.isReleased()).isTrue();
        assertThat(k.toFloats(weight.array())).containsExactly(2);
        weight.restore(first);
        assertThat(weight.array()).isSameAs(original);
        assertThat(weight.canRestore(original)).isFalse();
    }

    @Test
    void aRestoredMappingIsReadOnlyAgain() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
        bytes.putFloat(0, 1);
        Weight weight = new Weight("w", scope.mapped(bytes, Precision.FLOAT32, 1), Precision.FLOAT32, scope, true);
        NDArray before = weight.swap(values(2));
        weight.restore(before);
        weight.assign(values(9));
        assertThat(bytes.getFloat(0)).isEqualTo(1);
        assertThat(k.toFloats(weight.array())).containsExactly(9);
    }
}
