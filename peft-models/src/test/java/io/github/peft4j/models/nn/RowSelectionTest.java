package io.github.peft4j.models.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RowSelectionTest {

    /** Adds its input, times a factor, to the output of what it wraps. */
    private static final class Adding extends Wrapper {
        private final double factor;

        Adding(Module base, double factor) {
            super(base);
            this.factor = factor;
        }

        @Override
        public Activation forward(Forward context, Activation input) {
            return changed(context, false, wrapped().forward(context, input), input, (y, x) -> {
                try (NDArray more = context.kernels().scale(x.array(), factor)) {
                    return Activation.constant(context.kernels().add(y.array(), more));
                }
            });
        }
    }

    private Scope scope;
    private Adding inner;
    private Adding outer;

    @BeforeEach
    void open() {
        scope = Scope.open(Device.cpu());
        Weight one = new Weight("weight", scope.floats(new float[] {1}, 1, 1), Precision.FLOAT32, scope, false);
        inner = new Adding(Linear.of(one, null), 10);
        outer = new Adding(inner, 100);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private float[] output(Rows rows, float... values) {
        try (Scope work = scope.child();
                Forward context = Forward.inference(work, rows);
                Activation x = Activation.constant(work.floats(values, values.length, 1));
                Activation y = outer.forward(context, x)) {
            return work.kernels().toFloats(y.array());
        }
    }

    @Test
    void aModuleAppliesToTheRowsThatChoseIt() {
        RowSelection selection =
                RowSelection.of(List.of(List.of(inner), List.of(), List.of(outer), List.of(inner, outer)));
        assertThat(output(Rows.of(1, 2, 1, 2).selecting(selection), 1, 2, 3, 4, 5, 6))
                .containsExactly(11, 2, 3, 404, 555, 666);
        assertThat(output(Rows.of(3, 1).selecting(selection.keep(3, 1)), 1, 2, 3, 4))
                .containsExactly(111, 222, 333, 4);
        assertThat(output(Rows.of(1, 1).selecting(selection.keep(3, 3)), 1, 2)).containsExactly(111, 222);
        assertThat(output(Rows.of(1, 1).selecting(selection.keep(1, 1)), 1, 2)).containsExactly(1, 2);
    }

    @Test
    void whereRowsDoNotChooseTheModulesStateDecides() {
        assertThat(output(Rows.of(2), 1, 2)).containsExactly(1, 2);
    }

    @Test
    void nothingIsTrainedInAPassWhoseRowsChoose() {
        Rows rows = Rows.of(1).selecting(RowSelection.of(List.of(List.of(inner))));
        try (Forward context = Forward.recording(scope, rows, new Forward.Recording(0, false, false))) {
            assertThatThrownBy(() -> context.reach(inner))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Cannot pass `adapter_names` when the model is in training mode.");
        }
    }

    @Test
    void rowsKeepTheirChoices() {
        RowSelection selection = RowSelection.of(List.of(List.of(inner), List.of(outer)));
        Rows rows = new Rows(new int[] {2, 1}, new int[] {3, 0}, selection);
        assertThat(rows.lengthened(2).selection()).isSameAs(selection);
        assertThat(rows.after(2).selection()).isSameAs(selection);
        assertThat(rows.ends().selection()).isSameAs(selection);
        assertThat(rows.ends().lengths()).containsExactly(1, 1);
        assertThat(rows.selecting(null).selection()).isNull();
        BitSet second = new BitSet();
        second.set(1);
        assertThat(rows.tokensOf(second)).containsExactly(2);
        assertThat(rows.tokensOf(selection.reach(inner).rows())).containsExactly(0, 1);
        assertThat(selection.count()).isEqualTo(2);
        assertThat(selection.reach(inner).all()).isFalse();
        assertThat(selection.keep(0).reach(outer).none()).isTrue();
    }

    @Test
    void thereIsOneChoicePerRow() {
        RowSelection one = RowSelection.of(List.of(List.of()));
        assertThatThrownBy(() -> Rows.of(1, 1).selecting(one))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Length of `adapter_names` should be the same as the number of inputs, but got 1 and 2"
                        + " respectively.");
    }
}
