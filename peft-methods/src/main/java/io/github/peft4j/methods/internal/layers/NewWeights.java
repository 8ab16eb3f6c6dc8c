package io.github.peft4j.methods.internal.layers;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An adapter's new weights, float32: with the values that torch's modules begin with, drawn from a seed; or blank where saved values will
 * replace them at once, so that nothing is drawn and no memory taken before the file's shapes are compared.
 */
public final class NewWeights {

    private final Scope scope;
    private final SplittableRandom random;
    private final boolean drawn;
    private @Nullable List<Weight> made;

    /**
     * Values of weights in a scope.
     *
     * @param drawn whether to draw values at all
     */
    public NewWeights(Scope scope, SplittableRandom random, boolean drawn) {
        this.scope = scope;
        this.random = random;
        this.drawn = drawn;
    }

    /** The weights of an adapter that is being attached. */
    public static NewWeights of(Model<?> model, AttachContext context) {
        return new NewWeights(model.scope(), context.random(), context.initialise());
    }

    /** Whether the weights have values; otherwise they are blank. */
    public boolean drawn() {
        return drawn;
    }

    /** Where values are drawn from, all weights of an adapter from the same. */
    public SplittableRandom random() {
        return random;
    }

    /** Zeros. */
    public Weight zeros(String name, long... shape) {
        return given(name, () -> FirstValues.zeros(scope, shape), shape);
    }

    /** One value everywhere. */
    public Weight constant(String name, double value, long... shape) {
        return given(name, () -> FirstValues.constant(scope, value, shape), shape);
    }

    /** Normal values of deviation 1, as of {@code torch.nn.Embedding}. */
    public Weight normal(String name, long... shape) {
        return given(name, () -> FirstValues.normal(scope, random, 1, shape), shape);
    }

    /**
     * Values uniform within 1 / sqrt(inputs), as of {@code torch.nn.Linear} with that many inputs, weight and bias alike, and of
     * {@code torch.nn.LSTM} with that many hidden units.
     */
    public Weight uniform(String name, long inputs, long... shape) {
        return given(name, () -> FirstValues.uniform(scope, random, inputs, shape), shape);
    }

    /**
     * Values of the caller's.
     *
     * @param values makes them, float32 of that shape and owned by the scope; not called if the weight is blank
     */
    public Weight given(String name, Supplier<NDArray> values, long... shape) {
        Weight weight = drawn
                ? FirstValues.weight(name, values.get(), scope)
                : Weight.blank(name, Precision.FLOAT32, scope, shape);
        if (made != null) {
            made.add(weight);
        }
        return weight;
    }

    /** Makes something of several weights; if that fails, those made so far are freed. */
    public <T> T together(Supplier<T> making) {
        List<Weight> parts = new ArrayList<>();
        made = parts;
        boolean complete = false;
        try {
            T whole = making.get();
            complete = true;
            return whole;
        } finally {
            made = null;
            if (!complete) {
                parts.forEach(Weight::free);
            }
        }
    }
}
