package io.github.peft4j.core.internal.wrap;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A layer that can be exchanged for a copy of itself with other weights. The layer itself is never changed, so that going back to it is
 * exact. While the copy is in use it is what {@link Wrapper#innermost} finds.
 *
 * <p>Several substitutes of one layer stand around each other; the outermost that is in use decides. {@link PeftModel} sees to it that one
 * at most is. Where rows of a batch choose, a row gets the copy if it chooses it, and the layer if not, whichever is in use otherwise.
 */
public class Substitute extends Wrapper implements Scripted {

    /** Name of the child that is not in use. */
    public static final String IDLE = "original_module";

    private Module original;
    private final Module copy;
    private boolean inUse;

    /**
     * Wraps a layer; the copy is in use at once.
     *
     * @param original the layer, or another substitute of it
     * @param copy the same kind of layer over weights of which some are its own
     */
    public Substitute(Module original, Module copy) {
        super(original);
        this.original = original;
        this.copy = copy;
        use(true);
    }

    /** Uses the copy, or the layer itself. */
    public final void use(boolean substitute) {
        inUse = substitute;
        removeChild(IDLE);
        addChild(IDLE, substitute ? original : copy);
        rewrap(substitute ? copy : original);
    }

    /** Whether the copy is in use. */
    public final boolean isInUse() {
        return inUse;
    }

    /** The layer itself, or another substitute of it. */
    public final Module original() {
        return original;
    }

    /** Its copy. */
    public final Module copy() {
        return copy;
    }

    /** The next module inwards, as whoever looks for the base model's own layer sees it: what this one takes the place of. */
    public Module below() {
        return original;
    }

    /** The layer itself under substitutes of it. */
    public static Module layerUnder(Module module) {
        Module layer = module;
        while (layer instanceof Substitute) {
            layer = ((Substitute) layer).below();
        }
        return layer;
    }

    public final void replaceOriginal(Module other) {
        original = other;
        use(inUse);
    }

    /** The name of the child that holds {@link #below} now. */
    public final String belowName() {
        return below() == wrapped() ? BASE : IDLE;
    }

    /** Frees the weights that only the copy has; it must not be used any more. */
    public final void free() {
        Set<Weight> shared = Collections.newSetFromMap(new IdentityHashMap<>());
        shared.addAll(layerUnder(original).ownWeights().values());
        copy.ownWeights().values().stream().filter(w -> !shared.contains(w)).forEach(Weight::free);
    }

    @Override
    public final Module wrapped(@Nullable RowSelection selection) {
        return selection == null ? wrapped() : selection.reach(this).all() ? copy : original;
    }

    @Override
    public final Activation forward(Forward context, Activation input) {
        RowSelection.Reach reach = context.reach(this);
        if (reach == null) {
            return wrapped().forward(context, input);
        }
        return reach.all()
                ? copy.forward(context, input)
                : changed(context, false, original.forward(context, input), input, (y, x) -> copy.forward(context, x));
    }

    @Override
    public final String write(TokenScript script, String x) {
        RowSelection.Reach reach = script.reach(this);
        if (reach == null) {
            return script.write(wrapped(), x);
        }
        return reach.all()
                ? script.write(copy, x)
                : changed(script, false, script.write(original, x), x, (y, some) -> script.write(copy, some));
    }
}
