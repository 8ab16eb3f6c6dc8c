package io.github.peft4j.models.nn.attention.internal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What sides make of an attention's queries is added to its outcome, before the output projection or after it. */
class SideAttentionTest {

    private static final int WIDTH = 4;

    private Scope scope;
    private Attention attention;

    /** One head; W_q doubles, W_o triples, keys and values are nothing. */
    @BeforeEach
    void open() {
        scope = Scope.open(Device.cpu());
        Attention.Geometry geometry =
                new Attention.Geometry(0, 1, 1, WIDTH, Positions.NONE, new Scores(1, 0, true, 0), Precision.FLOAT32);
        attention =
                Attention.of(geometry).separate(times(2), times(0), times(0)).output("o_proj", times(3));
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private Linear times(float factor) {
        float[] values = new float[WIDTH * WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            values[i * (WIDTH + 1)] = factor;
        }
        NDArray matrix = scope.floats(values, WIDTH, WIDTH);
        return Linear.of(new Weight("weight", matrix, Precision.FLOAT32, scope, false), null);
    }

    /** The queries themselves. */
    private static final class Queries implements SideAttention {
        private final boolean projected;
        private boolean on = true;

        Queries(boolean projected) {
            this.projected = projected;
        }

        @Override
        public boolean isOn() {
            return on;
        }

        @Override
        public boolean isProjected() {
            return projected;
        }

        @Override
        public Activation attend(Forward context, Activation queries) {
            return context.reshape(queries, queries.array().getShape().getShape());
        }

        @Override
        public String writeBeside(TokenScript script, String queries) {
            return queries;
        }
    }

    private float[] outcome() {
        try (Forward context = Forward.inference(scope, Rows.of(2));
                NDArray x = scope.floats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, WIDTH)) {
            return scope.kernels()
                    .toFloats(attention.forward(context, Activation.constant(x)).array());
        }
    }

    @Test
    void projectedOnesGoThroughTheOutputProjectionAndOthersDoNot() {
        assertThat(outcome()).containsOnly(0);
        attention.attendTo(new Queries(true));
        assertThat(outcome()).containsExactly(6, 12, 18, 24, 30, 36, 42, 48);
        attention.attendTo(new Queries(false));
        assertThat(outcome()).containsExactly(8, 16, 24, 32, 40, 48, 56, 64);
        attention.attendTo(new Queries(true));
        assertThat(outcome()).containsExactly(14, 28, 42, 56, 70, 84, 98, 112);
    }

    @Test
    void oneThatIsOffOrForgottenTakesNoPart() {
        Queries side = new Queries(true);
        attention.attendTo(side);
        side.on = false;
        assertThat(outcome()).containsOnly(0);
        side.on = true;
        attention.forget(side);
        attention.forget(new Queries(true));
        assertThat(outcome()).containsOnly(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void gradientsFlowThroughIt(boolean projected) {
        attention.attendTo(new Queries(projected));
        try (Forward context = Forward.recording(scope, Rows.of(2), new Forward.Recording(0, false, false))) {
            Activation x = Activation.variable(scope.floats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, WIDTH));
            Activation y = attention.forward(context, x);
            y.accumulate(scope.floats(new float[] {1, 1, 1, 1, 1, 1, 1, 1}, 2, WIDTH), scope.kernels());
            context.backward();
            for (float slope : scope.kernels().toFloats(x.gradient())) {
                assertThat(slope).isCloseTo(projected ? 6 : 2, Offset.offset(1e-6f));
            }
        }
    }

    /** Keys and values of other rows than the queries'; of a fused projection the queries' part is left out. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keysAndValuesAloneComeFromAFusedProjectionToo(boolean interleaved) {
        float[] stacked = new float[3 * WIDTH * WIDTH];
        for (int row = 0; row < 3 * WIDTH; row++) {
            stacked[row * WIDTH + row % WIDTH] = 1 + row / WIDTH;
        }
        Linear fused = Linear.of(
                new Weight("weight", scope.floats(stacked, 3 * WIDTH, WIDTH), Precision.FLOAT32, scope, false), null);
        Attention.Geometry geometry = attention.geometry();
        Attention all = Attention.of(geometry)
                .fused("qkv", fused, interleaved ? QkvProjection.Layout.INTERLEAVED : QkvProjection.Layout.BLOCKS)
                .output("out", times(1));
        try (Forward context = Forward.recording(scope, Rows.of(2), new Forward.Recording(0, false, false))) {
            Activation x = Activation.variable(scope.floats(new float[] {1, 1, 1, 1}, 1, WIDTH));
            Activation[] known = all.projection().keysAndValues(context, x, geometry);
            assertThat(scope.kernels().toFloats(known[0].array())).containsOnly(2);
            assertThat(scope.kernels().toFloats(known[1].array())).containsOnly(3);
            for (Activation part : List.of(known[0], known[1])) {
                part.accumulate(scope.floats(new float[] {1, 1, 1, 1}, 1, 1, WIDTH), scope.kernels());
            }
            context.backward();
            assertThat(scope.kernels().toFloats(x.gradient())).containsOnly(5);
        }
    }
}
