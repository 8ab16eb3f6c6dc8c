package io.github.peft4j.methods.lora.internal.update;

import io.github.peft4j.methods.internal.layers.AdaptedLayer;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import org.jspecify.annotations.Nullable;

/** A layer with an update of low rank. */
public abstract class LoraLayer extends AdaptedLayer {

    LoraLayer(Module base) {
        super(base);
    }

    /** The factors that are added. */
    public abstract LowRank update();

    /** The bias of B, or null. */
    @Nullable
    public Weight biasOfB() {
        return null;
    }

    @Override
    public boolean stretches() {
        return false;
    }
}
