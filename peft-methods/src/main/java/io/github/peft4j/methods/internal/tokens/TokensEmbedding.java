package io.github.peft4j.methods.internal.tokens;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.LayerKernels;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import java.util.List;

/**
 * An embedding in which some tokens have vectors of their own: \(y_i = v_{x_i}\) for those, \(y_i = E_{x_i}\) for the others.
 *
 * <p>Shapes: x int64 {@code [N]}; v {@code [T, D]}, saved as {@code trainable_tokens_delta}; y {@code [N, D]}.
 */
final class TokensEmbedding extends TokensLayer {

    /** Wraps an embedding, or a wrapper of one. */
    TokensEmbedding(Module base, Holding holding) {
        super(base, holding);
    }

    @Override
    Activation exchanged(Forward context, Activation base, Activation ids) {
        Kernels k = context.kernels();
        LayerKernels kernels = LayerKernels.of(k);
        Weight vectors = tokens().vectors();
        boolean needed = base.needsGradient() || vectors.trainable();
        try (NDArray places = kernels.entries(tokens().places(), 0, ids.array())) {
            NDArray y = kernels.exchangeRows(base.array(), places, vectors.array());
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
        NDArray gradient =
                kernels.exchangedGradient(g, places, tokens().numbers().size());
        int padding = tokens().numbers().indexOf(((Embedding) layer(this)).paddingRow());
        if (padding >= 0) {
            Kernels k = tokens().vectors().scope().kernels();
            try (NDArray none =
                    k.scope().zeros(Precision.FLOAT32, 1, gradient.getShape().get(1))) {
                k.copyInto(gradient, 0, padding, none);
            }
        }
        return gradient;
    }
}
