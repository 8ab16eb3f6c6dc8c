package io.github.peft4j.methods.internal.tokens;

import io.github.peft4j.core.selection.BaseModules;
import io.github.peft4j.methods.internal.layers.AdaptedLayer;
import io.github.peft4j.methods.internal.layers.LayerKernels;
import io.github.peft4j.methods.internal.layers.MergedValues;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A layer in which some rows of the table are exchanged for trained vectors. The table is never copied, but to be merged. */
abstract class TokensLayer extends AdaptedLayer {

    /**
     * How a layer holds its tokens.
     *
     * @param tokens perhaps those of another layer too
     * @param owned whether they are freed with this layer
     * @param key what the vectors are saved as, below the layer's path; null if another layer saves them
     */
    record Holding(Tokens tokens, boolean owned, @Nullable String key) {}

    private final Holding holding;

    TokensLayer(Module base, Holding holding) {
        super(base);
        weight(holding.tokens().vectors());
        this.holding = holding;
    }

    final Tokens tokens() {
        return holding.tokens();
    }

    @Override
    public Map<String, Weight> parameters() {
        return holding.key() == null
                ? Map.of()
                : Map.of(holding.key(), holding.tokens().vectors());
    }

    @Override
    protected boolean stretches() {
        return true;
    }

    /**
     * Makes sure that no adapter that is on under this layer trains one of its tokens too.
     *
     * @throws IllegalStateException if one does
     */
    final void requireApart() {
        List<Integer> numbers = tokens().numbers();
        for (Module inner = wrapped(); inner instanceof Wrapper wrapper; inner = BaseModules.under(wrapper)) {
            if (inner instanceof TokensLayer other
                    && other.isOn()
                    && !Collections.disjoint(numbers, other.tokens().numbers())) {
                throw new IllegalStateException("Token indices of two adapters that are active together overlap: "
                        + other.tokens().numbers() + " and " + numbers
                        + ". Only disjunct token indices are currently supported.");
            }
        }
    }

    @Override
    public final Activation forward(Forward context, Activation x) {
        Activation base = wrapped().forward(context, x);
        if (adds() && context.reach(this) == null) {
            requireApart();
        }
        return changed(context, adds(), base, x, (outputs, inputs) -> exchanged(context, outputs, inputs));
    }

    /** What is under this layer with what its tokens have instead, for the same inputs. */
    abstract Activation exchanged(Forward context, Activation base, Activation x);

    @Override
    protected final void mergeInto(MergedValues values) {
        Kernels k = values.kernels();
        values.put(
                MergedValues.WEIGHT,
                LayerKernels.of(k)
                        .withEntries(
                                values.get(MergedValues.WEIGHT),
                                0,
                                tokens().index(),
                                tokens().vectors().array()));
    }

    @Override
    protected final void free() {
        if (holding.owned()) {
            tokens().free();
        }
    }
}
