package io.github.peft4j.models.nn;

import io.github.peft4j.models.kernel.Activation;

/** The place of a child module; what stands in it can be replaced while the parent keeps the slot. */
public final class Slot {

    private Module module;

    Slot(Module module) {
        this.module = module;
    }

    /** What stands here now. */
    public Module module() {
        return module;
    }

    void set(Module replacement) {
        module = replacement;
    }

    /** Runs what stands here. */
    public Activation forward(Forward context, Activation input) {
        return module.forward(context, input);
    }
}
