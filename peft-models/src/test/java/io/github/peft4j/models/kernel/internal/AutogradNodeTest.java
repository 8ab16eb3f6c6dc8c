package io.github.peft4j.models.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.ScriptBridge;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.OnDevice;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AutogradNodeTest extends OnDevice {

    AutogradNodeTest() {
        super(Device.cpu());
    }

    private NDArray values(float... values) {
        return scope.floats(values, values.length);
    }

    private Weight weight(boolean trainable, Precision precision, float... values) {
        Weight weight = new Weight("w", k.cast(values(values), precision), precision, scope, false);
        weight.setTrainable(trainable);
        return weight;
    }

    @Test
    void gradientsOfDjlOperatorsReachInputsAndTrainableWeights() {
        Activation x = Activation.variable(values(1, 2));
        Activation constant = Activation.constant(values(5, 6));
        Weight trained = weight(true, Precision.FLOAT32, 3, 4);
        Weight frozen = weight(false, Precision.FLOAT32, 10, 10);
        try (Tape tape = new Tape()) {
            Activation y = AutogradNode.run(
                    scope,
                    tape,
                    List.of(x, constant),
                    List.of(trained, frozen),
                    in -> in[0].mul(in[2]).mul(in[3]).add(in[1]));
            assertThat(y.needsGradient()).isTrue();
            assertThat(k.toFloats(y.array())).containsExactly(35, 86);
            y.accumulate(values(1, 2), k);
            tape.backward();
        }
        assertThat(k.toFloats(x.gradient())).containsExactly(30, 80);
        assertThat(k.toFloats(trained.gradient())).containsExactly(10, 40);
        assertThat(constant.gradient()).isNull();
        assertThat(frozen.gradient()).isNull();
    }

    @Test
    void weightsGradientsAddUpInFloat32OverPasses() {
        Weight trained = weight(true, Precision.BFLOAT16, 1, 1);
        for (int pass = 1; pass <= 3; pass++) {
            try (Tape tape = new Tape()) {
                Activation y = AutogradNode.run(
                        scope,
                        tape,
                        List.of(),
                        List.of(trained),
                        in -> in[0].mul(in[0]).mul(in[0]));
                y.accumulate(values(1 + 0x1p-15f, 1), k);
                tape.backward();
            }
        }
        assertThat(k.precision(trained.gradient())).isEqualTo(Precision.FLOAT32);
        assertThat(k.toFloats(trained.gradient())).containsExactly(9 + 9 * 0x1p-15f, 9);
    }

    @Test
    void theFunctionSeesFloat32AndWholeNumbersWhateverTheModelsFormat() {
        Activation x = Activation.variable(k.cast(values(1, 2), Precision.BFLOAT16));
        Activation ids = Activation.constant(scope.longs(1, 0));
        Weight frozen = weight(false, Precision.FLOAT16, 3, 4);
        try (Tape tape = new Tape()) {
            Activation y = AutogradNode.run(scope, tape, Precision.BFLOAT16, List.of(x, ids), List.of(frozen), in -> {
                assertThat(in[0].getDataType()).isEqualTo(DataType.FLOAT32);
                assertThat(in[1].getDataType()).isEqualTo(DataType.INT64);
                assertThat(in[2].getDataType()).isEqualTo(DataType.FLOAT32);
                // Two operators that end the process on bfloat16.
                return in[0].mul(in[2].gather(in[1], 0)).add(in[0].softmax(0).zerosLike());
            });
            assertThat(k.precision(y.array())).isEqualTo(Precision.BFLOAT16);
            assertThat(k.toFloats(y.array())).containsExactly(4, 6);
            y.accumulate(k.cast(values(1, 10), Precision.BFLOAT16), k);
            tape.backward();
        }
        assertThat(k.precision(x.gradient())).isEqualTo(Precision.BFLOAT16);
        assertThat(k.toFloats(x.gradient())).containsExactly(4, 30);
    }

    @Test
    void aResultWithoutBackwardPassComesInTheFormatAskedFor() {
        Activation x = Activation.variable(k.cast(values(1, 2), Precision.FLOAT16));
        Activation y = AutogradNode.run(scope, null, Precision.FLOAT16, List.of(x), List.of(), in -> in[0].add(in[0]));
        assertThat(k.precision(y.array())).isEqualTo(Precision.FLOAT16);
        Activation same = AutogradNode.run(scope, null, Precision.FLOAT32, List.of(x), List.of(), in -> in[0].neg());
        assertThat(k.toFloats(same.array())).containsExactly(-1, -2);
        assertThat(y.needsGradient() || same.needsGradient()).isFalse();
    }

    @Test
    void gradientModeIsOnInsideAndOffOutside() {
        Activation x = Activation.variable(values(1));
        try (Tape tape = new Tape()) {
            AutogradNode.run(scope, tape, List.of(x), List.of(), in -> {
                assertThat(ScriptBridge.gradientMode()).isTrue();
                return in[0].mul(in[0]);
            });
            assertThat(ScriptBridge.gradientMode()).isFalse();
            tape.backward();
        }
        assertThat(ScriptBridge.gradientMode()).isFalse();
        assertThat(JniUtils.requiresGrad((PtNDArray) x.array())).isFalse();
    }

    @Test
    void gradientModeStaysOffWhereNothingNeedsAGradient() {
        Activation variable = Activation.variable(values(1));
        Activation constant = Activation.constant(values(1));
        Function<NDArray[], NDArray> function = in -> {
            assertThat(ScriptBridge.gradientMode()).isFalse();
            return in[0].mul(in[0]);
        };
        try (Tape tape = new Tape()) {
            assertThat(AutogradNode.run(scope, null, List.of(variable), List.of(), function)
                            .needsGradient())
                    .isFalse();
            assertThat(AutogradNode.run(scope, tape, List.of(constant), List.of(), function)
                            .needsGradient())
                    .isFalse();
            assertThat(tape.size()).isZero();
        }
    }

    @Test
    void gradientModeIsOffAndEverythingFreedAfterAThrowingFunction() {
        Activation x = Activation.variable(values(1));
        int before = scope.liveArrays();
        AtomicReference<NDArray> made = new AtomicReference<>();
        try (Tape tape = new Tape()) {
            assertThatThrownBy(() -> AutogradNode.run(scope, tape, List.of(x), List.of(), in -> {
                        made.set(in[0].mul(in[0]));
                        throw new IllegalArgumentException("no");
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("no");
            assertThat(tape.size()).isZero();
        }
        assertThat(ScriptBridge.gradientMode()).isFalse();
        assertThat(made.get().isReleased()).isTrue();
        assertThat(scope.liveArrays()).isEqualTo(before);
    }

    @Test
    void whatTheFunctionMakesIsFreedAndTheGraphWithTheNode() {
        Activation x = Activation.variable(values(1, 2, 3));
        int before = scope.liveArrays();
        try (Tape tape = new Tape()) {
            Activation y = AutogradNode.run(scope, tape, List.of(x), List.of(), in -> {
                NDArray sum = in[0];
                for (int i = 0; i < 20; i++) {
                    sum = sum.mul(in[0]).add(in[0]);
                }
                return sum;
            });
            // The result, the tape's handle on it, and on the input.
            assertThat(scope.liveArrays()).isEqualTo(before + 3);
            y.close();
            y.accumulate(values(1, 1, 1), k);
            tape.backward();
        }
        x.takeGradient().close();
        assertThat(scope.liveArrays()).isEqualTo(before);
    }

    @Test
    void closingTheTapeFreesTheGraph() {
        Activation x = Activation.variable(values(1));
        int before = scope.liveArrays();
        try (Tape tape = new Tape()) {
            AutogradNode.run(scope, tape, List.of(x), List.of(), in -> in[0].mul(in[0]))
                    .close();
        }
        assertThat(scope.liveArrays()).isEqualTo(before);
    }

    @Test
    void anInputThatIsNotUsedGetsNoGradient() {
        Activation used = Activation.variable(values(1));
        Activation unused = Activation.variable(k.cast(values(1), Precision.BFLOAT16));
        Weight idle = weight(true, Precision.FLOAT32, 1);
        try (Tape tape = new Tape()) {
            Activation y = AutogradNode.run(scope, tape, List.of(used, unused), List.of(idle), in -> in[0].mul(in[0]));
            y.accumulate(values(1), k);
            tape.backward();
        }
        assertThat(k.toFloats(used.gradient())).containsExactly(2);
        assertThat(unused.gradient()).isNull();
        assertThat(idle.gradient()).isNull();
    }

    @Test
    void aResultThatDependsOnNothingTrainableIsRefused() {
        Activation x = Activation.variable(values(1));
        int before = scope.liveArrays();
        try (Tape tape = new Tape()) {
            assertThatThrownBy(() -> AutogradNode.run(
                            scope,
                            tape,
                            List.of(x),
                            List.of(),
                            in -> in[0].mul(in[0]).duplicate()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "the result of an AutogradNode depends on none of its inputs and weights that need a gradient:"
                                    + " use them, and no operator that cuts torch's graph (toType, toDevice, duplicate)");
            assertThat(tape.size()).isZero();
        }
        assertThat(scope.liveArrays()).isEqualTo(before);
    }

    @Test
    void aFunctionMayReturnOneOfItsInputs() {
        Activation x = Activation.variable(values(1, 2));
        Activation without = AutogradNode.run(scope, null, List.of(x), List.of(), in -> in[0]);
        assertThat(k.toFloats(without.array())).containsExactly(1, 2);
        try (Tape tape = new Tape()) {
            Activation with = AutogradNode.run(scope, tape, List.of(x), List.of(), in -> in[0]);
            assertThat(k.toFloats(with.array())).containsExactly(1, 2);
            with.accumulate(values(3, 4), k);
            tape.backward();
        }
        assertThat(k.toFloats(x.gradient())).containsExactly(3, 4);
    }

    @Test
    void kernelsWithoutAGradientFormulaAreRefusedInside() {
        Activation x = Activation.variable(scope.floats(new float[] {1, 2}, 1, 2));
        try (Tape tape = new Tape()) {
            assertThatThrownBy(() ->
                            AutogradNode.run(scope, tape, List.of(x), List.of(), in -> k.linear(in[0], in[0], null)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("was called with torch's gradient mode on");
        }
        assertThat(ScriptBridge.gradientMode()).isFalse();
    }

    @Test
    void aNodeInsideANodeIsRefused() {
        Activation x = Activation.variable(values(1));
        try (Tape tape = new Tape()) {
            assertThatThrownBy(() -> AutogradNode.run(
                            scope,
                            tape,
                            List.of(x),
                            List.of(),
                            outer -> AutogradNode.run(
                                            scope, tape, List.of(x), List.of(), inner -> inner[0].mul(inner[0]))
                                    .array()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("kernel AutogradNode was called with torch's gradient mode on");
        }
        assertThat(ScriptBridge.gradientMode()).isFalse();
    }

    @Test
    void itIsTheFirstCallOnANewThread() throws InterruptedException {
        Activation x = Activation.variable(values(3));
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try (Tape tape = new Tape()) {
                Activation y = AutogradNode.run(scope, tape, List.of(x), List.of(), in -> in[0].mul(in[0]));
                boolean mode = ScriptBridge.gradientMode();
                y.accumulate(values(1), k);
                tape.backward();
                outcome.set(mode ? "mode left on" : k.toFloats(x.gradient())[0]);
            } catch (RuntimeException e) {
                outcome.set(e);
            }
        });
        thread.start();
        thread.join();
        assertThat(outcome.get()).isEqualTo(6f);
    }
}
