package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.peft4j.models.kernel.internal.AutogradNode;
import io.github.peft4j.models.kernel.internal.Tape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScopeTest extends OnDevice {

    ScopeTest() {
        super(Device.cpu());
    }

    @Test
    void resultsBelongToTheScopeOfTheKernelsWhateverTheOperandsBelongTo() {
        NDArray weight = scope.floats(new float[] {1, 2}, 2);
        NDArray result;
        try (Scope child = scope.child()) {
            result = child.kernels().add(weight, weight);
            assertThat(child.liveArrays()).isEqualTo(1);
            assertThat(child.kernels().scope()).isSameAs(child);
            assertThat(child.device()).isEqualTo(Device.cpu());
        }
        assertThat(result.isReleased()).isTrue();
        assertThat(weight.isReleased()).isFalse();
    }

    @Test
    void childrenAreFreedWithTheirParent() {
        Scope parent = Scope.open(Device.cpu());
        Scope grandchild = parent.child().child();
        NDArray array = grandchild.longs(1, 2);
        assertThat(parent.liveArrays()).as("children's arrays count").isEqualTo(1);
        parent.close();
        assertThat(array.isReleased()).isTrue();
        parent.close();
    }

    @Test
    void anAdoptedArrayOutlivesItsFormerScope() {
        NDArray array;
        try (Scope child = scope.child()) {
            array = scope.adopt(child.floats(new float[] {3}, 1));
            assertThat(scope.adopt(array)).isSameAs(array);
        }
        assertThat(array.toFloatArray()).containsExactly(3);
    }

    @Test
    void memoryLivesAsLongAsItsLastHandle() {
        NDArray alias;
        try (Scope child = scope.child()) {
            alias = scope.alias(child.floats(new float[] {3}, 1));
        }
        assertThat(alias.toFloatArray()).containsExactly(3);
    }

    @Test
    void valuesAndShapesAreThoseAskedFor() {
        assertThat(scope.floats(new float[] {1, 2, 3, 4}, 2, 2).getShape()).isEqualTo(new Shape(2, 2));
        assertThat(scope.floats(new float[] {5}).getShape()).isEqualTo(new Shape());
        assertThat(scope.longs(4, 5).getDataType()).isEqualTo(DataType.INT64);
        assertThat(scope.longs(new int[] {4, -5}).toLongArray()).containsExactly(4, -5);
        assertThat(scope.longs(new int[0]).getShape()).isEqualTo(new Shape(0));
        assertThatThrownBy(() -> scope.floats(new float[3], 2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The NDArray size is: 4, but buffer size is: 3");
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void zerosComeInEveryFormat(Precision precision) {
        int before = scope.liveArrays();
        NDArray zeros = scope.zeros(precision, 2, 3);
        assertThat(k.precision(zeros)).isEqualTo(precision);
        assertThat(k.toFloats(zeros)).hasSize(6).containsOnly(0);
        assertThat(scope.zeros(precision).getShape()).isEqualTo(new Shape());
        assertThat(scope.liveArrays()).isEqualTo(before + 2);
    }

    @Test
    void aClosedScopeRefusesEverything() {
        NDArray array = scope.longs(1);
        Scope closed = scope.child();
        closed.close();
        assertThatThrownBy(() -> closed.adopt(array))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the scope that is to own the result of adopt is closed already");
        assertThatThrownBy(() -> closed.alias(array))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the scope that is to own the result of alias is closed already");
        assertThatThrownBy(closed::child).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> closed.longs(1)).isInstanceOf(IllegalStateException.class);
        assertThat(array.toLongArray()).containsExactly(1);
        NDArray gone = scope.longs(1);
        gone.close();
        assertThatThrownBy(() -> scope.alias(gone)).isInstanceOf(IllegalStateException.class);
    }

    /** What a training step does, many times: the number of open arrays comes back to where it was. */
    @Test
    void fiftyPassesLeaveNothingBehind() {
        Draw draw = new Draw(scope, 1);
        Weight weight = new Weight("w", draw.normal(6, 6), Precision.FLOAT32, scope, false);
        weight.setTrainable(true);
        int before = -1;
        for (int pass = 0; pass < 50; pass++) {
            try (Scope child = scope.child();
                    Tape tape = new Tape()) {
                for (KernelFamily family : KernelFamily.values()) {
                    KernelPair pair = family.draw(new Draw(child, pass));
                    pair.backward().apply(pair.outputs(), pair.inputs());
                }
                Activation y = AutogradNode.run(child, tape, List.of(), List.of(weight), in -> in[0].mul(in[0]));
                y.accumulateShared(y.array(), child.kernels());
                tape.backward();
                weight.clearGradient();
            }
            if (pass == 0) {
                before = scope.liveArrays();
            }
            assertThat(scope.liveArrays()).isEqualTo(before);
        }
        assertThat(before).isEqualTo(1);
    }

    /** A kernel's results are all that it leaves: attention keeps something of each row, and its outcome where there is a tiled row. */
    @ParameterizedTest
    @EnumSource(KernelFamily.class)
    void kernelsLeaveNothingButTheirResults(KernelFamily family) {
        KernelPair pair = family.draw(new Draw(scope, 7));
        int before = scope.liveArrays();
        int outputs = pair.outputs().length;
        int beside = family.name().contains("ATTENTION") ? 3 : 0;
        int outcome = family.name().startsWith("TILED") ? 1 : 0;
        assertThat(scope.liveArrays()).isEqualTo(before + outputs + beside + outcome);
    }
}
