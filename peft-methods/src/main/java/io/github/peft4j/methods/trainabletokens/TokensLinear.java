package io.github.peft4j.methods.trainabletokens;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.layers.AdaptedLayer;
import io.github.peft4j.methods.layers.LayerKernels;
import io.github.peft4j.methods.layers.MergedValues;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import java.util.List;

/**
 * A linear layer without bias, usually the output layer, in which some rows of the matrix are exchanged: \(y_t = v_t \cdot x\) for those,
 * \(y_j = W_j \cdot x\) for the others.
 *
 * <p>Shapes: x {@code [N, D]}; v {@code [T, D]}, saved as {@code trainable_tokens_delta}, as in Hugging Face PEFT also where an embedding
 * shares it; y {@code [N, V]}.
 * The matrix is never copied.
 */
final class TokensLinear extends AdaptedLayer implements Scripted, Tokens.Holder {

    private final Tokens tokens;
    private final boolean owner;

    /**
     * Wraps a linear layer, or a wrapper of one.
     *
     * @param owner whether the vectors are freed with this layer
     */
    TokensLinear(Module base, Tokens tokens, boolean owner) {
        super(base);
        weight(tokens.vectors());
        this.tokens = tokens;
        this.owner = owner;
    }

    @Override
    public Tokens tokens() {
        return tokens;
    }

    @Override
    public boolean isInUse() {
        return isOn();
    }

    @Override
    protected boolean stretches() {
        return true;
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Activation base = wrapped().forward(context, x);
        if (!adds()) {
            return base;
        }
        tokens.requireApart(wrapped());
        Kernels k = context.kernels();
        LayerKernels kernels = LayerKernels.of(k);
        Weight vectors = tokens.vectors();
        boolean needed = base.needsGradient() || Forward.needsGradient(x, vectors);
        try (base;
                NDArray rows = vectors.in(precision(), k);
                NDArray own = k.linear(x.array(), rows, null)) {
            NDArray y = kernels.withEntries(base.array(), 1, tokens.index(), own);
            List<NDArray> saved = context.save(needed, x.array(), rows);
            return context.record(y, needed, saved, g -> backward(k, base, x, saved, g));
        }
    }

    private Precision precision() {
        return ((Linear) layer(this)).weight().computePrecision();
    }

    private void backward(Kernels k, Activation base, Activation x, List<NDArray> saved, NDArray g) {
        LayerKernels kernels = LayerKernels.of(k);
        if (base.needsGradient()) {
            base.accumulate(kernels.withoutEntries(g, 1, tokens.index()), k);
        }
        try (NDArray own = kernels.entries(g, 1, tokens.index())) {
            if (x.needsGradient()) {
                x.accumulate(sum -> k.linearGradient(own, saved.get(1), sum));
            }
            if (tokens.vectors().trainable()) {
                tokens.vectors().accumulate(k.outer(own, saved.get(0)));
            }
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        String base = script.write(wrapped(), x);
        if (!adds()) {
            return base;
        }
        tokens.requireApart(wrapped());
        String index = script.array(k -> k.alias(tokens.index()));
        String rows = script.array(k -> tokens.vectors().in(precision(), k));
        return script.line(
                "torch.index_copy(" + base + ", 1, " + index + ", torch.linear(" + x + ", " + rows + ", None))");
    }

    @Override
    protected void mergeInto(MergedValues values) {
        Kernels k = values.kernels();
        values.put(
                MergedValues.WEIGHT,
                LayerKernels.of(k)
                        .withEntries(
                                values.get(MergedValues.WEIGHT),
                                0,
                                tokens.index(),
                                tokens.vectors().array()));
    }

    @Override
    protected void free() {
        if (owner) {
            tokens.free();
        }
    }
}
