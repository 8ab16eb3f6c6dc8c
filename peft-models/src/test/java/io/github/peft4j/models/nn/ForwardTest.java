package io.github.peft4j.models.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.internal.ModuleList;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ForwardTest {

    private static final Forward.Recording PLAIN = new Forward.Recording(7, false, false);

    private final Scope scope = Scope.open(Device.cpu());

    @AfterEach
    void close() {
        scope.close();
    }

    private Activation variable(float... values) {
        return Activation.variable(scope.floats(values, values.length / 2, 2));
    }

    private void seed(Activation output, float... gradient) {
        output.accumulate(scope.floats(gradient, output.array().getShape().getShape()), scope.kernels());
    }

    private float[] gradient(Activation of) {
        try (NDArray gradient = of.takeGradient()) {
            return scope.kernels().toFloats(gradient);
        }
    }

    /** A view of a gradient is not written to when another gradient is added to it. */
    @Test
    void keepsTheGradientsOfViewsApart() {
        try (Forward context = Forward.recording(scope, Rows.of(2), PLAIN)) {
            Activation x = variable(1, 2, 3, 4);
            Activation y = variable(5, 6, 7, 8);
            Activation twice = context.reshape(x, 4, 1);
            Activation back = context.reshape(twice, 2, 2);
            Activation sum = context.add(back, y);
            Activation again = context.reshape(x, 4, 1);
            seed(sum, 1, 10, 100, 1000);
            seed(again, 1, 1, 1, 1);
            context.backward();
            assertThat(gradient(x)).containsExactly(2, 11, 101, 1001);
            assertThat(gradient(y)).containsExactly(1, 10, 100, 1000);
        }
    }

    @Test
    void castsThereAndBack() {
        try (Forward context = Forward.recording(scope, Rows.of(1), PLAIN)) {
            Activation x = variable(1.001f, 2);
            Activation half = Functions.cast(context, x, Precision.BFLOAT16);
            assertThat(context.kernels().toFloats(half.array())).containsExactly(1, 2);
            NDArray g = context.kernels().cast(scope.floats(new float[] {3, 4}, 1, 2), Precision.BFLOAT16);
            half.accumulate(g, context.kernels());
            context.backward();
            assertThat(context.kernels().precision(x.gradient())).isEqualTo(Precision.FLOAT32);
            assertThat(gradient(x)).containsExactly(3, 4);
        }
    }

    @Test
    void picksRowsAndGivesEachItsGradient() {
        try (Forward context = Forward.recording(scope, Rows.of(3), PLAIN)) {
            Activation x = variable(1, 2, 3, 4, 5, 6);
            try (NDArray index = scope.longs(2, 0, 2)) {
                Activation rows = Functions.rows(context, x, index);
                assertThat(context.kernels().toFloats(rows.array())).containsExactly(5, 6, 1, 2, 5, 6);
                seed(rows, 1, 2, 3, 4, 5, 6);
            }
            context.backward();
            assertThat(gradient(x)).containsExactly(3, 4, 0, 0, 6, 8);
        }
    }

    /** Doubles its input, drops some of it, and counts how often it runs. */
    private static final class Dropping extends Module {
        private int runs;
        private final List<float[]> outputs = new ArrayList<>();

        @Override
        public Activation forward(Forward context, Activation input) {
            runs++;
            Activation sum = context.add(input, input);
            Activation dropped = Functions.dropout(context, sum, 0.5);
            outputs.add(context.kernels().toFloats(dropped.array()));
            return dropped;
        }
    }

    @Test
    void dropsTheSamePlacesWhenItRecomputes() {
        float[] values = new float[64];
        java.util.Arrays.fill(values, 1);
        Forward.Recording recording = new Forward.Recording(7, true, true);
        try (Forward context = Forward.recording(scope, Rows.of(32), recording)) {
            Activation x = variable(values);
            Dropping first = new Dropping();
            Dropping second = new Dropping();
            Dropping last = new Dropping();
            Activation y = new ModuleList(List.of(first, second, last)).forward(context, x);
            assertThat(first.outputs.get(0)).isNotEqualTo(second.outputs.get(0));
            seed(y, values);
            context.backward();
            assertThat(first.runs).isEqualTo(2);
            assertThat(second.runs).isEqualTo(2);
            assertThat(last.runs).isEqualTo(1);
            assertThat(first.outputs.get(1)).isEqualTo(first.outputs.get(0));
            assertThat(second.outputs.get(1)).isEqualTo(second.outputs.get(0));
            // y = 2 d3 * 2 d2 * 2 d1 * x with x = 1: the gradient is y itself.
            assertThat(gradient(x)).isEqualTo(last.outputs.get(0));
        }
    }

    @Test
    void computesAnewOnlyWhereAGradientIsNeeded() {
        Forward.Recording recording = new Forward.Recording(7, true, false);
        try (Forward context = Forward.recording(scope, Rows.of(1), recording)) {
            Dropping module = new Dropping();
            Activation constant = Activation.constant(scope.floats(new float[] {1, 2}, 1, 2));
            Activation y = new ModuleList(List.of(module)).forward(context, constant);
            assertThat(y.needsGradient()).isFalse();
            assertThat(context.tape().size()).isZero();
            assertThat(module.runs).isEqualTo(1);
        }
    }

    @Test
    void countsATrainableWeightAsReasonToRecord() {
        Weight weight = new Weight("weight", scope.floats(new float[4], 2, 2), Precision.FLOAT32, scope, false);
        Activation constant = Activation.constant(scope.floats(new float[2], 1, 2));
        assertThat(Forward.needsGradient(constant, weight, null)).isFalse();
        weight.setTrainable(true);
        assertThat(Forward.needsGradient(constant, weight, null)).isTrue();
        assertThat(Forward.needsGradient(variable(1, 2))).isTrue();
    }

    @Test
    void recordsNothingInAnInference() {
        try (Forward context = Forward.inference(scope, Rows.of(1))) {
            assertThat(context.isRecording()).isFalse();
            assertThat(context.recomputes()).isFalse();
            assertThat(context.dropoutApplies()).isFalse();
            assertThat(context.save(true, scope.longs(1L))).isEmpty();
            Activation x = variable(1, 2);
            assertThat(context.add(x, x).needsGradient()).isFalse();
            assertThatThrownBy(context::tape)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("this pass records nothing: no backward pass follows it");
            assertThatThrownBy(context::nextDropoutSeed)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("dropout does not apply in this pass");
        }
    }

    @Test
    void dropsNothingFromAnOpeningThatRowsShare() {
        Forward.Recording recording = new Forward.Recording(7, false, true);
        try (Forward context = Forward.recording(scope, Rows.sharedPrefix(2, 1, 1), recording)) {
            Activation x = variable(1, 2, 3, 4);
            assertThat(Functions.dropout(context, x, 0)).isSameAs(x);
            assertThatThrownBy(() -> Functions.dropout(context, x, 0.5))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("dropout in rows that share a prefix: a module that drops activations must say so,"
                            + " see Module.dropsActivations");
        }
    }

    @Test
    void givesTheSameSeedsInARepeatedRun() {
        List<Long> first = seeds(7);
        assertThat(seeds(7)).isEqualTo(first);
        assertThat(first).doesNotHaveDuplicates().allMatch(seed -> seed >= 0);
        assertThat(seeds(8)).doesNotContainAnyElementsOf(first);
    }

    private List<Long> seeds(long seed) {
        try (Forward context = Forward.recording(scope, new Forward.Recording(seed, false, true))) {
            List<Long> seeds = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                seeds.add(context.nextDropoutSeed());
            }
            return seeds;
        }
    }

    @Test
    void leavesNothingInItsOwnersScope() {
        int before = scope.liveArrays();
        try (Forward context = Forward.recording(scope, Rows.of(1), PLAIN)) {
            Activation x = Activation.variable(context.scope().floats(new float[] {1, 2}, 1, 2));
            context.add(x, x);
        }
        assertThat(scope.liveArrays()).isEqualTo(before);
    }
}
