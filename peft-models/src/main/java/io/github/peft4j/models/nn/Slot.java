package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.internal.Role;
import io.github.peft4j.models.nn.internal.Selective;
import io.github.peft4j.models.nn.internal.TokenStep;

/** The place of a child module; what stands in it can be replaced while the parent keeps the slot. */
public final class Slot {

    private final Role role;
    private volatile Module module;

    Slot(Module module, Role role) {
        this.module = module;
        this.role = role;
    }

    /** What the child is to its parent, whatever stands here. */
    Role role() {
        return role;
    }

    /** What stands here now. */
    public Module module() {
        return module;
    }

    void set(Module replacement) {
        module = replacement;
    }

    /** Runs what stands here; while tokens are generated one by one, as a single call if all of it is {@link Scripted}. */
    public Activation forward(Forward context, Activation input) {
        TokenStep step = context.tokenStep(module);
        return step == null ? module.forward(context, input) : step.run(context, input);
    }

    /** The rows with some numbers, int64 [M], of what comes of running what stands here; no more is computed if it is {@link Selective}. */
    public Activation forwardAt(Forward context, Activation input, NDArray tokens) {
        if (module instanceof Selective) {
            return ((Selective) module).forwardAt(context, input, tokens);
        }
        try (Activation all = forward(context, input)) {
            return Functions.rows(context, all, tokens);
        }
    }

    /** Whether {@link #forwardAt} has less work in this pass than {@link #forward}, see {@link Selective#saves}. */
    public boolean savesAt(Forward context, NDArray tokens) {
        return module instanceof Selective && ((Selective) module).saves(context, tokens);
    }

    /** Runs what stands here for a backward pass alone, see {@link Module#replay}. */
    public Activation replay(Forward context, Activation input) {
        return module.replay(context, input);
    }
}
