package io.github.peft4j.methods.lycoris.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.AdaptedLayer;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A linear layer with an update that is put together from small matrices, which are float32 whatever the base's format. */
abstract class LycorisLinear extends AdaptedLayer implements Scripted {

    private final Weight[] weights;
    private final LycorisDropout dropout;

    /** Wraps a linear layer, or a wrapper of one. */
    LycorisLinear(Module base, List<Weight> weights, LycorisDropout dropout) {
        super(base);
        this.weights = weights.toArray(Weight[]::new);
        this.dropout = dropout;
        weights.forEach(this::weight);
    }

    @Override
    public final Activation forward(Forward context, Activation x) {
        Activation base = wrapped().forward(context, x);
        if (!adds() || dropout.dropsUpdate(context)) {
            return base;
        }
        boolean needed = base.needsGradient() || Forward.needsGradient(x, weights);
        Activation y = update(context, base, x, dropout.keep(context, base.array()), needed);
        base.close();
        return y;
    }

    /**
     * Adds the update to what is under this layer.
     *
     * @param keep what each output of the update is multiplied by, float32 [out], which is taken over; null if none is dropped
     * @param needed whether a gradient of the outcome has somewhere to go
     */
    abstract Activation update(Forward context, Activation base, Activation x, @Nullable NDArray keep, boolean needed);

    /** Adds a gradient, which is taken over, to a weight that is trained. */
    static void give(Weight to, NDArray gradient) {
        if (to.trainable()) {
            to.accumulate(gradient);
        } else {
            gradient.close();
        }
    }

    @Override
    protected final void free() {
        for (Weight weight : weights) {
            weight.free();
        }
    }
}
