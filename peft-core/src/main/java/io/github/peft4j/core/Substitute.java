package io.github.peft4j.core;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * A layer that can be exchanged for a copy of itself with other weights. The layer itself is never changed, so that going back to it is
 * exact. While the copy is in use it is what {@link Wrapper#innermost} finds.
 */
public class Substitute extends Wrapper {

    /** Name of the child that is not in use. */
    public static final String IDLE = "original_module";

    private final Module original;
    private final Module copy;

    /**
     * Wraps a layer; the copy is in use at once.
     *
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
        removeChild(IDLE);
        addChild(IDLE, substitute ? original : copy);
        rewrap(substitute ? copy : original);
    }

    /** The layer itself. */
    public final Module original() {
        return original;
    }

    /** Its copy. */
    public final Module copy() {
        return copy;
    }

    /** Frees the weights that only the copy has; it must not be used any more. */
    public final void free() {
        Set<Weight> shared = Collections.newSetFromMap(new IdentityHashMap<>());
        shared.addAll(original.ownWeights().values());
        copy.ownWeights().values().stream().filter(w -> !shared.contains(w)).forEach(weight -> {
            weight.setTrainable(false);
            weight.array().close();
        });
    }

    @Override
    public final Activation forward(Forward context, Activation input) {
        return wrapped().forward(context, input);
    }
}
