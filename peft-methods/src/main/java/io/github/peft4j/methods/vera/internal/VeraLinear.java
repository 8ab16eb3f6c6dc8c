package io.github.peft4j.methods.vera.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.AdaptedLayer;
import io.github.peft4j.methods.internal.layers.LayerKernels;
import io.github.peft4j.methods.internal.layers.MergedValues;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.layer.Linear;
import java.util.List;

/**
 * A linear layer with an update through shared random matrices, of which two vectors are trained:
 * \(y = W x + c + b \odot B\,(d \odot A\,\mathrm{drop}(x))\), c the layer's own bias.
 *
 * <p>Shapes: x {@code [N, in]}; A {@code [R, in]}, the first columns of {@link Projections}'; B {@code [out, R]}, the first rows; d
 * {@code [R]} and b {@code [out]}, saved as {@code vera_lambda_d} and {@code vera_lambda_b}; y {@code [N, out]}.
 *
 * <p>The vectors are float32 whatever the base's format; the products with A and B run in the base's format. Hugging Face PEFT runs them
 * in float32.
 *
 * @see <a href="https://arxiv.org/abs/2310.11454">Kopiczko, Blankevoort and Asano 2024, section 3</a>
 */
final class VeraLinear extends AdaptedLayer implements Scripted {

    private final Projections shared;
    private final Weight d;
    private final Weight b;
    private final double dropout;

    /**
     * Wraps a linear layer, or a wrapper of one.
     *
     * @param d scales the rows of A, float32 [R]
     * @param b scales the rows of B, float32 [out]
     * @param dropout probability with which a value of x is dropped on the way to A in training
     */
    VeraLinear(Module base, Projections shared, Weight d, Weight b, double dropout) {
        super(base);
        this.shared = shared;
        this.b = weight(b);
        this.d = weight(d);
        this.dropout = dropout;
    }

    private Linear linear() {
        return (Linear) layer(this);
    }

    @Override
    public boolean dropsActivations() {
        return dropout > 0;
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        return updatingDropped(context, x, dropout, (base, input) -> update(context, base, input));
    }

    private Activation update(Forward context, Activation base, Activation x) {
        Kernels k = context.kernels();
        Precision precision = precisionOfLinear();
        NDArray down = shared.down(context, precision, linear().in());
        NDArray up = shared.up(context, precision, linear().out());
        boolean needed = base.needsGradient() || Forward.needsGradient(x, d, b);
        try (down;
                up;
                NDArray inner = k.linear(x.array(), down, null)) {
            NDArray y = VeraKernels.of(k).up(inner, d.array(), up, b.array(), base.array());
            List<NDArray> saved = context.save(needed, inner, down, up);
            return context.record(y, needed, saved, g -> backward(k, base, x, saved, g));
        }
    }

    private void backward(Kernels k, Activation base, Activation x, List<NDArray> saved, NDArray g) {
        NDArray inner = saved.get(0);
        NDArray up = saved.get(2);
        if (base.needsGradient()) {
            base.accumulateShared(g, k);
        }
        if (b.trainable()) {
            b.accumulate(VeraKernels.of(k).bGradient(g, inner, d.array(), up));
        }
        if (!d.trainable() && !x.needsGradient()) {
            return;
        }
        try (NDArray flowed = VeraKernels.of(k).flowed(g, up, b.array())) {
            if (d.trainable()) {
                d.accumulate(LayerKernels.of(k).scaleGradient(flowed, inner, d.array()));
            }
            if (x.needsGradient()) {
                try (NDArray scaled = LayerKernels.of(k).scaleColumns(flowed, d.array())) {
                    x.accumulate(sum -> k.linearGradient(scaled, saved.get(1), sum));
                }
            }
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        return writing(script, x, base -> {
            Linear linear = linear();
            String down = script.array(k -> scaled(k, shared.down(k, linear.in()), d));
            String up = script.array(k -> scaled(k, shared.up(k, linear.out()), b));
            return script.line("self.linear_add(self.linear(" + x + ", " + down + ", None, one_dnn), " + up + ", "
                    + base + ", one_dnn)");
        });
    }

    /** A matrix, which is closed, with its rows scaled, in the layer's format. */
    private NDArray scaled(Kernels k, NDArray matrix, Weight vector) {
        try (matrix;
                NDArray scaled = VeraKernels.of(k).scaledRows(matrix, vector.array())) {
            return k.cast(scaled, precisionOfLinear());
        }
    }

    @Override
    protected void mergeInto(MergedValues values) {
        Kernels k = values.kernels();
        Linear linear = linear();
        try (NDArray down = shared.down(k, linear.in());
                NDArray up = shared.up(k, linear.out())) {
            values.addToWeight(VeraKernels.of(k).delta(down, up, d.array(), b.array()));
        }
    }

    @Override
    protected void free() {
        d.free();
        b.free();
    }
}
