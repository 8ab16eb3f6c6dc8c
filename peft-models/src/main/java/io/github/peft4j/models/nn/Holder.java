package io.github.peft4j.models.nn;

import io.github.peft4j.models.kernel.Activation;

/** A module that does nothing but hold others, whose paths are longer for it: {@code model} of {@code model.decoder}. */
final class Holder extends Module {

    @Override
    public Activation forward(Forward context, Activation x) {
        throw new UnsupportedOperationException(
                "a module that holds " + childModules().keySet() + " computes nothing");
    }
}
