package io.github.peft4j.models.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A gradient that several nodes read is not changed when one of them adds to it. */
class SharedGradientTest {

    private Scope scope;
    private Forward context;
    private Activation x;
    private Activation other;
    private Activation doubled;

    /** x + x first, so that its gradient is added to x's after that of whatever follows. */
    @BeforeEach
    void open() {
        scope = Scope.open(Device.cpu());
        context = Forward.recording(scope, Rows.of(2), new Forward.Recording(0, true, false));
        x = Activation.variable(values(1, 2));
        other = Activation.variable(values(3, 4));
        doubled = context.add(x, x);
    }

    @AfterEach
    void close() {
        context.close();
        scope.close();
    }

    private NDArray values(float... values) {
        return scope.floats(values, values.length, 1);
    }

    private void backward(Activation y) {
        y.accumulate(scope.floats(new float[] {1, 1}, y.array().getShape().getShape()), scope.kernels());
        doubled.accumulate(values(10, 10), scope.kernels());
        context.backward();
        assertThat(scope.kernels().toFloats(x.gradient())).containsExactly(21, 21);
        assertThat(scope.kernels().toFloats(other.gradient())).containsExactly(1, 1);
    }

    @Test
    void byAReshape() {
        backward(context.add(context.reshape(x, 1, 2), context.reshape(other, 1, 2)));
    }

    /** A block whose gradient passes through. */
    private static final class Through extends Module {
        private final Activation nothing;

        Through(Scope scope) {
            NDArray zero = scope.floats(new float[2], 2, 1);
            this.nothing = Activation.constant(zero);
            weight(new Weight("w", scope.floats(new float[1], 1), Precision.FLOAT32, scope, false));
        }

        @Override
        public Activation forward(Forward context, Activation input) {
            return context.add(input, nothing);
        }
    }

    @Test
    void byARecomputedBlock() {
        backward(context.add(context.recompute(new Through(scope), x), other));
    }
}
