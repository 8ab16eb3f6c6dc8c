package io.github.peft4j.models.nn;

/**
 * A module that stands in the place of another and makes use of it. The wrapped module is its child {@code base_layer}, as in Hugging
 * Face's files; wrappers may wrap wrappers.
 */
public abstract class Wrapper extends Module {

    /** Name of the child that holds the wrapped module. */
    public static final String BASE = "base_layer";

    private final Slot base;

    /** Wraps a module. */
    protected Wrapper(Module wrapped) {
        this.base = child(BASE, wrapped);
    }

    /** What this module wraps: an ordinary module or another wrapper. */
    public final Module wrapped() {
        return base.module();
    }

    /** Replaces what this module wraps. */
    public final void rewrap(Module module) {
        base.set(module);
    }

    /** The module under all wrappers. */
    public static Module innermost(Module module) {
        Module inner = module;
        while (inner instanceof Wrapper) {
            inner = ((Wrapper) inner).wrapped();
        }
        return inner;
    }
}
