package io.github.peft4j.methods.lora;

import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Map;

/** A wrapper that adds one adapter's low-rank update to one layer. */
abstract class LoraLayer extends Wrapper {

    private boolean enabled = true;
    private boolean merged;

    LoraLayer(Module base) {
        super(base);
    }

    /** The trainable weights by what Hugging Face appends to the layer's path, for example {@code lora_A.weight}. */
    abstract Map<String, Weight> parameters();

    /** The base layer's weight after merging, float32, in the base's own layout; owned by the weight's scope. */
    abstract Merged mergedValues();

    final void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    final void setMerged(boolean merged) {
        this.merged = merged;
    }

    /** Whether the update is to be added to the base layer's output. */
    final boolean adds() {
        return enabled && !merged;
    }
}
