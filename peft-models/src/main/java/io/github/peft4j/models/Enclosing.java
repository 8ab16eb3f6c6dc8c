package io.github.peft4j.models;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Slot;

/** A module that does nothing but stand around another, whose path is longer for it: {@code model} of {@code model.decoder}. */
final class Enclosing extends Module {

    private final Slot inner;

    private Enclosing(String name, Module module) {
        inner = child(name, module);
    }

    /** The first segment of a path. */
    static String outermost(String path) {
        return path.split("\\.", 2)[0];
    }

    /** What stands at the first segment of a path so that a module stands at its end: that module, if there is no second one. */
    static Module of(String path, Module module) {
        String[] segments = path.split("\\.", 2);
        return segments.length == 1 ? module : new Enclosing(outermost(segments[1]), of(segments[1], module));
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        return inner.forward(context, x);
    }
}
