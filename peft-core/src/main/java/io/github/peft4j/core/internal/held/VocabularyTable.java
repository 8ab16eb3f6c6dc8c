package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.internal.wrap.Substitute;
import io.github.peft4j.models.nn.Module;

/**
 * A layer over a token table of another vocabulary than the base model's. While it is in use it counts as the model's own layer: what
 * adapters put around it, and the copies they make, are of its size.
 */
final class VocabularyTable extends Substitute {

    /**
     * Wraps a layer; the other table is in use at once.
     *
     * @param original the layer, or another substitute of it
     * @param resized the same kind of layer over the other table
     */
    VocabularyTable(Module original, Module resized) {
        super(original, resized);
    }

    @Override
    public Module below() {
        return isInUse() ? copy() : original();
    }
}
