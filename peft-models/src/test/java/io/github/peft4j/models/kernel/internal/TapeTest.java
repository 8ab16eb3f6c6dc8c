package io.github.peft4j.models.kernel.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Closeness;
import io.github.peft4j.models.kernel.Draw;
import io.github.peft4j.models.kernel.OnDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TapeTest extends OnDevice {

    TapeTest() {
        super(Device.cpu());
    }

    static IntStream seeds() {
        return IntStream.range(0, 30);
    }

    private NDArray values(float... values) {
        return scope.floats(values, values.length);
    }

    private Activation variable(float... values) {
        return Activation.variable(values(values));
    }

    /** y = x * factor. */
    private Activation scaled(Tape tape, Activation x, double factor) {
        return tape.push(k.scale(x.array(), factor), List.of(), g -> x.accumulate(k.scale(g, factor), k));
    }

    /** x + y, which hands the same gradient to both. */
    private Activation sum(Tape tape, Activation x, Activation y) {
        return tape.push(k.add(x.array(), y.array()), List.of(), g -> {
            x.accumulateShared(g, k);
            y.accumulateShared(g, k);
        });
    }

    @Test
    void nodesRunFromTheLastToTheFirst() {
        List<String> order = new ArrayList<>();
        Activation x = variable(1);
        try (Tape tape = new Tape()) {
            Activation a = tape.push(k.copy(x.array()), List.of(), g -> {
                order.add("first");
                x.accumulate(k.copy(g), k);
            });
            Activation b = tape.push(k.copy(a.array()), List.of(), g -> {
                order.add("second");
                a.accumulate(k.copy(g), k);
            });
            assertThat(tape.size()).isEqualTo(2);
            b.accumulate(values(1), k);
            tape.backward();
            assertThat(tape.size()).isZero();
        }
        assertThat(order).containsExactly("second", "first");
    }

    @Test
    void gradientsOfAValueUsedSeveralTimesAreSummed() {
        Activation x = variable(1, 2);
        try (Tape tape = new Tape()) {
            Activation y = sum(tape, sum(tape, scaled(tape, x, 3), x), scaled(tape, x, 10));
            y.accumulate(values(1, 100), k);
            tape.backward();
        }
        assertThat(k.toFloats(x.gradient())).containsExactly(14, 1400);
    }

    /** Random graphs of sums and scalings: the gradient is the sum over all paths of the product of their factors. */
    @ParameterizedTest
    @MethodSource("seeds")
    void gradientsOfRandomGraphsAreSumsOverPaths(int seed) {
        Draw draw = new Draw(scope, seed);
        List<Activation> nodes = new ArrayList<>(List.of(variable(1, 1), variable(1, 1)));
        List<double[]> paths = new ArrayList<>(List.of(new double[] {1, 0}, new double[] {0, 1}));
        try (Tape tape = new Tape()) {
            for (int i = 0; i < 12; i++) {
                int a = draw.size(Math.max(0, nodes.size() - 3), nodes.size() - 1);
                int b = draw.size(0, nodes.size() - 1);
                double factor = draw.coin() ? 2 : -1;
                double[] from = paths.get(a);
                if (draw.coin()) {
                    nodes.add(scaled(tape, nodes.get(a), factor));
                    paths.add(new double[] {from[0] * factor, from[1] * factor});
                } else {
                    nodes.add(sum(tape, nodes.get(a), nodes.get(b)));
                    paths.add(new double[] {from[0] + paths.get(b)[0], from[1] + paths.get(b)[1]});
                }
            }
            NDArray start = values(1, -1);
            nodes.get(nodes.size() - 1).accumulateShared(start, k);
            tape.backward();
            assertThat(k.toFloats(start)).as("the gradient that came in").containsExactly(1, -1);
        }
        double[] expected = paths.get(paths.size() - 1);
        for (int input = 0; input < 2; input++) {
            NDArray gradient = nodes.get(input).gradient();
            float[] actual = gradient == null ? new float[2] : k.toFloats(gradient);
            float[] wanted = {(float) expected[input], (float) -expected[input]};
            Closeness.assertClose(actual, wanted, 0, "gradient of input " + input);
        }
    }

    @Test
    void aSharedGradientIsNotChangedWhenMoreIsAddedToOneOfItsReaders() {
        Activation x = variable(1);
        Activation y = variable(1);
        try (Tape tape = new Tape()) {
            // Backward: the sum hands its gradient to both, then the scaling adds to x's.
            Activation tripled = scaled(tape, x, 3);
            Activation out = sum(tape, x, y);
            tripled.accumulate(values(1), k);
            out.accumulate(values(1), k);
            tape.backward();
        }
        assertThat(k.toFloats(x.gradient())).containsExactly(4);
        assertThat(k.toFloats(y.gradient())).containsExactly(1);
    }

    @Test
    void aNodeWithoutGradientIsPassedOverAndFreed() {
        NDArray saved = values(1);
        try (Tape tape = new Tape()) {
            tape.push(values(1), List.of(saved), g -> {
                throw new AssertionError("no gradient flowed here");
            });
            tape.backward();
        }
        assertThat(saved.isReleased()).isTrue();
    }

    @Test
    void aNodeWithSeveralOutputsGetsAGradientOrNullForEach() {
        List<NDArray> seen = new ArrayList<>();
        try (Tape tape = new Tape()) {
            Activation[] outputs = tape.push(
                    new NDArray[] {values(1), values(2), values(3)}, List.of(), g -> seen.addAll(Arrays.asList(g)));
            outputs[1].accumulate(values(7), k);
            tape.backward();
        }
        assertThat(seen).hasSize(3);
        assertThat(seen.get(0)).isNull();
        assertThat(seen.get(2)).isNull();
        assertThat(seen.get(1).isReleased()).as("closed by the tape").isTrue();
    }

    @Test
    void whatANodeSavedAndWasGivenIsFreedAfterItRan() {
        int before = scope.liveArrays();
        Activation x = variable(2);
        try (Tape tape = new Tape()) {
            NDArray saved = k.alias(x.array());
            Activation y = tape.push(k.multiply(x.array(), x.array()), List.of(saved), g -> {
                try (NDArray product = k.multiply(g, saved)) {
                    x.accumulate(k.scale(product, 2), k);
                }
            });
            y.close();
            y.accumulate(values(1), k);
            tape.backward();
        }
        assertThat(k.toFloats(x.gradient())).containsExactly(4);
        x.takeGradient().close();
        x.close();
        assertThat(scope.liveArrays()).isEqualTo(before);
    }

    @Test
    void aThrowingStepFreesItsOwnAndLeavesTheRestToClose() {
        int before = scope.liveArrays();
        Tape tape = new Tape();
        NDArray below = values(1);
        Activation first = tape.push(values(1), List.of(below), g -> {
            throw new AssertionError("never reached");
        });
        NDArray saved = values(2);
        Activation second = tape.push(values(1), List.of(saved), g -> {
            throw new IllegalStateException("no");
        });
        first.close();
        second.close();
        first.accumulate(values(1), k);
        second.accumulate(values(1), k);
        assertThatThrownBy(tape::backward)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no");
        assertThat(saved.isReleased()).isTrue();
        assertThat(below.isReleased()).isFalse();
        assertThat(tape.size()).isEqualTo(1);
        tape.close();
        assertThat(tape.size()).isZero();
        assertThat(scope.liveArrays()).isEqualTo(before);
    }

    @Test
    void closingWithoutABackwardPassFreesEverySavedArrayAndWaitingGradient() {
        int before = scope.liveArrays();
        Activation x = variable(1);
        try (Tape tape = new Tape()) {
            for (int i = 0; i < 5; i++) {
                Activation y = tape.push(k.copy(x.array()), List.of(k.alias(x.array()), k.copy(x.array())), g -> {});
                y.accumulate(values(1), k);
                y.close();
            }
        }
        x.close();
        assertThat(scope.liveArrays()).isEqualTo(before);
    }
}
