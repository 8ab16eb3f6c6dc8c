package io.github.peft4j.testkit;

import static io.github.peft4j.testkit.internal.ArrayAssertions.assertSameBits;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.testkit.internal.ToyOutputs;
import java.util.Map;

/**
 * What stood in a model's weights.
 *
 * @param weights by path
 * @param values theirs when this was made
 */
record WeightSnapshot(Map<String, Weight> weights, Map<String, float[]> values) {

    static WeightSnapshot of(Model<?> model) {
        Map<String, Weight> weights = model.weightsByPath();
        return new WeightSnapshot(weights, ToyOutputs.values(weights));
    }

    /** Checks that the same stands in the same weights now. */
    void assertUnchanged() {
        weights.forEach((path, weight) -> assertSameBits(path, ToyOutputs.values(weight), ToyOutputs.at(values, path)));
    }
}
