package io.github.peft4j.methods.bottleneck.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.AdaptedLayer;
import io.github.peft4j.methods.internal.layers.MergedValues;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import java.util.List;

/**
 * A linear layer with a bottleneck adapter behind it: \(y = z + W_u f(W_d z + b_d) + b_u\) for \(z = W x + b\).
 *
 * <p>Shapes: x {@code [N, in]}; z and y {@code [N, D]}; inside {@code [N, R]}. The weights are float32 whatever the base's format; their
 * products run in the base's format. For the backward pass z and \(W_d z + b_d\) are kept.
 *
 * @see <a href="https://arxiv.org/abs/1902.00751">Houlsby et al. 2019, section 2.1</a>
 */
final class BottleneckLayer extends AdaptedLayer implements Scripted {

    private final Bottleneck bottleneck;

    /** Wraps a linear layer, or a wrapper of one. */
    BottleneckLayer(Module base, Bottleneck bottleneck) {
        super(base);
        this.bottleneck = bottleneck;
        bottleneck.weights().forEach(this::weight);
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Activation z = wrapped().forward(context, x);
        if (!adds()) {
            return z;
        }
        Kernels k = context.kernels();
        Bottleneck.Converted w = bottleneck.converted(context, precisionOfLinear());
        boolean needed = Forward.needsGradient(z, bottleneck.weights().toArray(Weight[]::new));
        NDArray y;
        List<NDArray> saved;
        try (NDArray inner = k.linear(z.array(), w.down(), w.downBias())) {
            try (NDArray active = k.activate(bottleneck.function(), inner)) {
                y = k.linear(active, w.up(), w.upBias());
            }
            k.addInto(y, z.array());
            saved = context.save(needed, z.array(), inner);
        }
        Activation outcome = context.record(y, needed, saved, g -> backward(k, w, z, saved.get(0), saved.get(1), g));
        z.close();
        return outcome;
    }

    private void backward(Kernels k, Bottleneck.Converted w, Activation z, NDArray values, NDArray inner, NDArray g) {
        if (bottleneck.upBias().trainable()) {
            bottleneck.upBias().accumulate(k.sumRows(g));
        }
        if (bottleneck.up().trainable()) {
            try (NDArray active = k.activate(bottleneck.function(), inner)) {
                bottleneck.up().accumulate(k.outer(g, active));
            }
        }
        try (NDArray flowed = k.linearGradient(g, w.up(), null);
                NDArray turned = k.activateGradient(bottleneck.function(), flowed, inner)) {
            if (bottleneck.downBias().trainable()) {
                bottleneck.downBias().accumulate(k.sumRows(turned));
            }
            if (bottleneck.down().trainable()) {
                bottleneck.down().accumulate(k.outer(turned, values));
            }
            if (z.needsGradient()) {
                z.accumulate(k.linearGradient(turned, w.down(), g), k);
            }
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        return writing(script, x, z -> bottleneck.write(script, precisionOfLinear(), z));
    }

    @Override
    protected boolean stretches() {
        return true;
    }

    @Override
    protected void mergeInto(MergedValues values) {
        throw new IllegalStateException("a bottleneck adapter is no change of a weight and cannot be merged into one");
    }

    @Override
    protected void free() {
        bottleneck.free();
    }
}
