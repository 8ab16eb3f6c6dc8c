package io.github.peft4j.methods.internal.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NewWeightsTest {

    private final Scope scope = Scope.open(Device.cpu());

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void newValuesAreSpreadAsTorchsAre() {
        NewWeights first = new NewWeights(scope, new SplittableRandom(3), true);
        float[] normal = ToyOutputs.values(first.normal("n", 100, 100));
        double sum = 0;
        double squares = 0;
        for (float value : normal) {
            sum += value;
            squares += value * value;
        }
        assertThat(sum / normal.length).isBetween(-0.05, 0.05);
        assertThat(squares / normal.length).isBetween(0.95, 1.05);
        float[] uniform = ToyOutputs.values(first.uniform("u", 16, 100, 100));
        float largest = 0;
        for (float value : uniform) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(largest).isBetween(0.249f, 0.25f);
        assertThat(ToyOutputs.values(first.constant("c", 0.5, 2))).containsExactly(0.5f, 0.5f);
        assertThat(ToyOutputs.values(first.zeros("z", 2))).containsExactly(0, 0);
    }

    @Test
    void whatSavedValuesReplaceIsNeitherDrawnNorGivenMemory() {
        SplittableRandom random = new SplittableRandom(3);
        NewWeights blank = new NewWeights(scope, random, false);
        long huge = 1L << 30;
        for (Weight weight : new Weight[] {
            blank.normal("n", huge, huge), blank.uniform("u", 2, huge, huge), blank.constant("c", 1, huge, huge)
        }) {
            assertThat(weight.shape().getShape()).containsExactly(huge, huge);
        }
        Weight given = blank.given(
                "g",
                () -> {
                    throw new AssertionError("made");
                },
                2);
        assertThat(given.shape().getShape()).containsExactly(2);
        assertThat(random.nextLong()).isEqualTo(new SplittableRandom(3).nextLong());
    }

    @Test
    void ifOneOfSeveralCannotBeMadeTheOthersAreFreed() {
        NewWeights blank = new NewWeights(scope, new SplittableRandom(3), false);
        assertThatThrownBy(() -> blank.together(() -> {
                    blank.zeros("a", 2);
                    return blank.zeros("b", 1L << 40, 1L << 40);
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a weight of shape [1099511627776, 1099511627776] is too large");
        assertThat(scope.liveArrays()).isZero();
        assertThat(blank.together(() -> blank.zeros("a", 2)).shape().getShape()).containsExactly(2);
    }
}
