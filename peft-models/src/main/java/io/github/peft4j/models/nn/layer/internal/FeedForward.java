package io.github.peft4j.models.nn.layer.internal;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Slot;

/** The feed-forward part of a block: what lies inside it, [N, F], and a last layer that leads back to the block's width. */
abstract class FeedForward extends Module {

    /** Runs all but the last layer; the caller closes the result. */
    abstract Activation inner(Forward context, Activation x);

    /** The last layer. */
    abstract Slot last();

    @Override
    public final Activation forward(Forward context, Activation x) {
        try (Activation inner = inner(context, x)) {
            return last().forward(context, inner);
        }
    }

    @Override
    public final Activation replay(Forward context, Activation x) {
        try (Activation inner = inner(context, x)) {
            return last().replay(context, inner);
        }
    }
}
