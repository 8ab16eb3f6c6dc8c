package io.github.peft4j.methods.lora;

import io.github.peft4j.core.Substitute;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A wrapper that adds one adapter's low-rank update to one layer. Several adapters are wrappers around wrappers, which adds up to what
 * Hugging Face PEFT's one layer with several adapters computes, in the order in which they were attached.
 */
abstract class LoraLayer extends Wrapper {

    private boolean enabled = true;
    private @Nullable MergedLayer merged;

    LoraLayer(Module base) {
        super(base);
    }

    /** The trainable weights by what Hugging Face appends to the layer's path, for example {@code lora_A.weight}. */
    Map<String, Weight> parameters() {
        return ownWeights();
    }

    /** The factors that are added. */
    abstract LowRank update();

    /** The bias of B, or null. */
    @Nullable
    Weight biasOfB() {
        return null;
    }

    /** Puts the update into the values of the layer it is for. */
    abstract void mergeInto(MergedValues values);

    /** Whether the update changes what is under this layer by more than adding to it, so that merging must keep the order. */
    boolean stretches() {
        return false;
    }

    /** Frees this layer's own weights; it must not be used any more. */
    abstract void free();

    final void setEnabled(boolean on) {
        enabled = on;
    }

    final boolean isEnabled() {
        return enabled;
    }

    final void setMerged(@Nullable MergedLayer layer) {
        merged = layer;
    }

    /** Whether the update is to be added to the base layer's output: it is on, and no merged layer in use has it in its weights. */
    final boolean adds() {
        return enabled && (merged == null || !merged.isInUse());
    }

    /** The layer under all wrappers that is in use, as it is without merged adapters. */
    static Module layer(Module module) {
        Module inner = module;
        while (inner instanceof Wrapper wrapper) {
            inner = inner instanceof MergedLayer ? under(wrapper) : wrapper.wrapped();
        }
        return inner;
    }

    /** The base model's own layer under all wrappers. */
    static Module bottom(Module module) {
        Module inner = module;
        while (inner instanceof Wrapper wrapper) {
            inner = under(wrapper);
        }
        return inner;
    }

    /** The next module inwards; of a substitute, the layer whose place it takes. */
    static Module under(Wrapper wrapper) {
        return wrapper instanceof Substitute substitute ? substitute.original() : wrapper.wrapped();
    }

    /** Frees a weight that no one uses any more. */
    static void free(Weight weight) {
        weight.setTrainable(false);
        weight.array().close();
    }
}
