package io.github.peft4j.training.optimizer.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.training.Golden;
import io.github.peft4j.training.ToyCheckpoint;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("golden")
class AdamWTest {

    private static final AdamW.Settings PLAIN = new AdamW.Settings(1, 0);

    private final Scope scope = Scope.open(Device.cpu());

    private static AdamW.Settings firstDecays(String name) {
        return new AdamW.Settings(
                1, name.equals("first") ? Golden.at("adamw", "weight_decay").asDouble() : 0);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private Map<String, Weight> weights() {
        Map<String, Weight> weights = new LinkedHashMap<>();
        Golden.at("adamw", "shapes").properties().forEach(e -> {
            long[] shape =
                    Arrays.stream(Golden.ints(e.getValue())).asLongStream().toArray();
            weights.put(e.getKey(), weight(e.getKey(), e.getKey(), 1, shape));
        });
        return weights;
    }

    private Weight weight(String name, String values, double scale, long... shape) {
        int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        NDArray array = scope.floats(ToyCheckpoint.values(values, size, scale, 0), shape);
        Weight weight = new Weight(name, array, Precision.FLOAT32, scope, false);
        weight.setTrainable(true);
        return weight;
    }

    private void giveGradients(Map<String, Weight> weights, int step) {
        weights.forEach((name, weight) -> {
            float[] values = ToyCheckpoint.values(name + "." + step, (int) weight.size(), 3, 0);
            weight.accumulate(scope.floats(values, weight.shape().getShape()));
        });
    }

    @Test
    void weightsOverOneMemoryAreMovedInTurn() {
        Weight one = weight("one", "first", 1, 2, 3);
        Weight other = weight("other", "second", 1, 3, 2);
        other.shareTransposed(one);
        float[] before = scope.kernels().toFloats(one.array());
        Map<String, Weight> weights = new LinkedHashMap<>();
        weights.put("other", other);
        weights.put("one", one);
        try (AdamW optimizer = new AdamW(weights, scope, name -> PLAIN)) {
            one.accumulate(scope.floats(new float[] {1, 1, 1, -1, 1, 1}, 2, 3));
            other.accumulate(scope.floats(new float[] {1, -1, 1, 1, -1, 0}, 3, 2));
            optimizer.step(0.25, 0);
            float[] moments = scope.kernels().toFloats(optimizer.state().get("exp_avg.other"));
            assertThat(moments).containsExactly(new float[] {0.1f, -0.1f, 0.1f, 0.1f, -0.1f, 0}, within(1e-6f));
        }
        // A first step goes as far as the learning rate says, whatever the size of a gradient.
        float[] steps = {-0.5f, -0.5f, 0, 0.5f, -0.5f, -0.25f};
        float[] after = scope.kernels().toFloats(one.array());
        for (int i = 0; i < after.length; i++) {
            assertThat((double) after[i]).isCloseTo(before[i] + steps[i], within(1e-5));
        }
    }

    @Test
    void stepsWithClippingAndDecayAreThoseOfTorch() {
        Map<String, Weight> weights = weights();
        JsonNode golden = Golden.at("adamw");
        try (AdamW optimizer = new AdamW(weights, scope, AdamWTest::firstDecays)) {
            int number = 0;
            for (JsonNode step : golden.get("steps")) {
                giveGradients(weights, number++);
                double norm = optimizer.step(
                        step.get("learning_rate").asDouble(),
                        step.get("max_norm").asDouble());
                assertThat(norm).isCloseTo(step.get("norm").asDouble(), within(1e-5));
                weights.forEach((name, weight) -> {
                    float[] expected = new float[(int) weight.size()];
                    for (int i = 0; i < expected.length; i++) {
                        expected[i] = (float) step.get(name).get(i).asDouble();
                    }
                    assertThat(weight.array().toFloatArray()).as(name).containsExactly(expected, within(1e-7f));
                });
            }
        }
    }

    @Test
    void aStepForgetsItsGradients() {
        Map<String, Weight> weights = weights();
        try (AdamW optimizer = new AdamW(weights, scope, name -> PLAIN)) {
            giveGradients(weights, 0);
            optimizer.step(0.1, 1);
            assertThat(weights.values()).allMatch(weight -> weight.gradient() == null);
        }
    }

    @Test
    void gradientsThatAreNotFiniteChangeNothing() {
        Map<String, Weight> weights = weights();
        float[] before = weights.get("first").array().toFloatArray();
        try (AdamW optimizer = new AdamW(weights, scope, name -> PLAIN)) {
            giveGradients(weights, 0);
            weights.get("second").accumulate(scope.floats(new float[] {0, Float.NaN, 0, 0, 0}, 5));
            assertThat(optimizer.step(0.1, 1)).isNaN();
            assertThat(weights.get("first").array().toFloatArray()).containsExactly(before);
            assertThat(optimizer.state().get("step").toFloatArray()).containsExactly(0);
            assertThat(weights.get("first").gradient()).isNull();
        }
    }

    @Test
    void aWeightThatNoGradientReachedStaysWhereItIs() {
        Map<String, Weight> weights = weights();
        float[] before = weights.get("first").array().toFloatArray();
        try (AdamW optimizer = new AdamW(weights, scope, name -> PLAIN)) {
            weights.get("second").accumulate(scope.floats(new float[] {1, 1, 1, 1, 1}, 5));
            assertThat(optimizer.step(0.1, 0)).isCloseTo(Math.sqrt(5), within(1e-6));
            assertThat(weights.get("first").array().toFloatArray()).containsExactly(before);
        }
    }

    @Test
    void anOptimizerWithAnothersStateGoesOnExactlyLikeIt() {
        Map<String, Weight> weights = weights();
        Map<String, Weight> copies = weights();
        try (AdamW optimizer = new AdamW(weights, scope, AdamWTest::firstDecays);
                AdamW other = new AdamW(copies, scope, AdamWTest::firstDecays)) {
            giveGradients(weights, 0);
            optimizer.step(0.1, 1);
            copies.forEach((name, copy) -> copy.assign(weights.get(name).array()));
            Map<String, NDArray> state = other.state();
            optimizer
                    .state()
                    .forEach((name, array) ->
                            scope.kernels().assign(state.get(name), array).close());
            other.stepsRestored();
            giveGradients(weights, 1);
            giveGradients(copies, 1);
            optimizer.step(0.1, 1);
            other.step(0.1, 1);
            weights.forEach(
                    (name, weight) -> assertThat(copies.get(name).array().toFloatArray())
                            .containsExactly(weight.array().toFloatArray()));
        }
    }

    @Test
    void noWeightsAreRefused() {
        assertThatThrownBy(() -> new AdamW(Map.of(), scope, name -> PLAIN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an optimizer needs at least one weight");
    }

    @Test
    void nothingStaysBehindWhenItIsClosed() {
        Map<String, Weight> weights = weights();
        int before = scope.liveArrays();
        try (AdamW optimizer = new AdamW(weights, scope, name -> PLAIN)) {
            giveGradients(weights, 0);
            optimizer.gradients();
        }
        assertThat(scope.liveArrays()).isEqualTo(before);
    }
}
