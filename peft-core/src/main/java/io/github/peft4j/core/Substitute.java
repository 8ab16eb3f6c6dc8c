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
 *
 * <p>Substitutes may stand in for substitutes; each exchanges all that stands under it.
 */
public class Substitute extends Wrapper {

    /** Name of the child that is not in use, where it is listed. */
    public static final String IDLE = "original_module";

    private final Module copy;
    private final boolean idleListed;
    private Module original;
    private boolean used;

    /**
     * Wraps a layer; the copy is in use at once.
     *
     * @param original a layer or a substitute of it
     * @param copy the same kind of layer over weights of which some are its own
     * @param idleListed whether what is not in use counts among the model's parameters, as Hugging Face PEFT counts the originals of
     *     {@code modules_to_save}
     */
    public Substitute(Module original, Module copy, boolean idleListed) {
        super(original);
        this.original = original;
        this.copy = copy;
        this.idleListed = idleListed;
        use(true);
    }

    /** Uses the copy, or the layer itself. */
    public final void use(boolean substitute) {
        used = substitute;
        rewrap(substitute ? copy : original);
        if (idleListed) {
            removeChild(IDLE);
            addChild(IDLE, substitute ? original : copy);
        }
    }

    /** Whether the copy is in use. */
    public final boolean isUsed() {
        return used;
    }

    /** What the copy stands in for: the layer itself or another substitute of it. */
    public final Module original() {
        return original;
    }

    final void replaceOriginal(Module module) {
        original = module;
        use(used);
    }

    /** Its copy. */
    public final Module copy() {
        return copy;
    }

    /** What stands under a wrapper whatever is in use: a substitute's original, any other wrapper's wrapped module. */
    public static Module under(Wrapper wrapper) {
        return wrapper instanceof Substitute substitute ? substitute.original : wrapper.wrapped();
    }

    /** The layer under all wrappers whatever is in use: no copy. */
    public static Module bottom(Module module) {
        Module inner = module;
        while (inner instanceof Wrapper wrapper) {
            inner = under(wrapper);
        }
        return inner;
    }

    /** Frees the weights that only the copy has; it must not be used any more. */
    public final void free() {
        Set<Weight> shared = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Module module = original; ; module = under((Wrapper) module)) {
            shared.addAll((module instanceof Substitute other ? other.copy : module)
                    .ownWeights()
                    .values());
            if (!(module instanceof Wrapper)) {
                break;
            }
        }
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
