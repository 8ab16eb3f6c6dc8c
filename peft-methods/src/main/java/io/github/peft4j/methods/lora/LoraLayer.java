package io.github.peft4j.methods.lora;

import io.github.peft4j.methods.layers.AdaptedLayer;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import org.jspecify.annotations.Nullable;

/** A layer with an update of low rank. */
abstract class LoraLayer extends AdaptedLayer {

    LoraLayer(Module base) {
        super(base);
    }

    /** The factors that are added. */
    abstract LowRank update();

    /** The bias of B, or null. */
    @Nullable
    Weight biasOfB() {
        return null;
    }

    @Override
    protected boolean stretches() {
        return false;
    }
}
