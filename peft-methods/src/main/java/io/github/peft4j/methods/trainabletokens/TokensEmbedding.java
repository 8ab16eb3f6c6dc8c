package io.github.peft4j.methods.trainabletokens;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.layers.AdaptedLayer;
import io.github.peft4j.methods.layers.LayerKernels;
import io.github.peft4j.methods.layers.MergedValues;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Embedding;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import java.util.List;

/**
 * An embedding in which some tokens have vectors of their own: \(y_i = v_{x_i}\) for those, \(y_i = E_{x_i}\) for the others.
 *
 * <p>Shapes: x int64 {@code [N]}; v {@code [T, D]}, saved as {@code trainable_tokens_delta}; y {@code [N, D]}. The table is never copied.
 */
final class TokensEmbedding extends AdaptedLayer implements Tokens.Holder {

    private final Tokens tokens;
    private final boolean owner;

    /**
     * Wraps an embedding, or a wrapper of one.
     *
     * @param owner whether the vectors are freed with this layer
     */
    TokensEmbedding(Module base, Tokens tokens, boolean owner) {
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
    public Activation forward(Forward context, Activation ids) {
        Activation base = wrapped().forward(context, ids);
        if (!adds()) {
            return base;
        }
        tokens.requireApart(wrapped());
        Kernels k = context.kernels();
        LayerKernels kernels = LayerKernels.of(k);
        Weight vectors = tokens.vectors();
        boolean needed = base.needsGradient() || vectors.trainable();
        NDArray places = kernels.entries(tokens.places(), 0, ids.array());
        NDArray y;
        try (places;
                base) {
            y = kernels.exchangeRows(base.array(), places, vectors.array());
            List<NDArray> saved = context.save(needed, places);
            return context.record(y, needed, saved, g -> {
                if (base.needsGradient()) {
                    base.accumulate(kernels.otherRows(g, saved.get(0)), k);
                }
                if (vectors.trainable()) {
                    vectors.accumulate(gradient(kernels, g, saved.get(0)));
                }
            });
        }
    }

    /** A row that stands for padding is not trained here either, as in Hugging Face PEFT. */
    private NDArray gradient(LayerKernels kernels, NDArray g, NDArray places) {
        NDArray gradient = kernels.exchangedGradient(g, places, tokens.numbers().size());
        int padding = tokens.numbers().indexOf(((Embedding) layer(this)).paddingRow());
        if (padding >= 0) {
            Kernels k = tokens.vectors().scope().kernels();
            try (NDArray none =
                    k.scope().zeros(Precision.FLOAT32, 1, gradient.getShape().get(1))) {
                k.copyInto(gradient, 0, padding, none);
            }
        }
        return gradient;
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
