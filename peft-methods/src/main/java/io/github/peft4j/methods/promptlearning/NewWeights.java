package io.github.peft4j.methods.promptlearning;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.layers.FirstValues;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import java.util.SplittableRandom;

/** New float32 weights with the values that torch's modules begin with, drawn from a seed. */
public final class NewWeights {

    private final Scope scope;
    private final SplittableRandom random;
    private final boolean drawn;

    /**
     * Values of weights in a scope.
     *
     * @param drawn whether to draw values at all; zeros where saved ones will replace them at once
     */
    public NewWeights(Scope scope, SplittableRandom random, boolean drawn) {
        this.scope = scope;
        this.random = random;
        this.drawn = drawn;
    }

    /** Zeros. */
    public Weight zeros(String name, long... shape) {
        return weight(name, scope.zeros(Precision.FLOAT32, shape));
    }

    /** Normal values of deviation 1, as of {@code torch.nn.Embedding}. */
    public Weight normal(String name, long... shape) {
        return drawn ? weight(name, FirstValues.normal(scope, random, 1, shape)) : zeros(name, shape);
    }

    /**
     * Values uniform within 1 / sqrt(inputs), as of {@code torch.nn.Linear} with that many inputs, weight and bias alike, and of
     * {@code torch.nn.LSTM} with that many hidden units.
     */
    public Weight uniform(String name, long inputs, long... shape) {
        return drawn ? weight(name, FirstValues.uniform(scope, random, inputs, shape)) : zeros(name, shape);
    }

    private Weight weight(String name, NDArray values) {
        return new Weight(name, values, Precision.FLOAT32, scope, false);
    }

    /** Frees a weight that no one uses any more. */
    static void free(Weight weight) {
        weight.setTrainable(false);
        weight.array().close();
    }
}
