package io.github.peft4j.methods.lora;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Embedding;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table of vectors with a trainable low-rank update: \(y_i = f \odot (E_{x_i} + s\,B A_{x_i})\), where f is 1, or
 * {@link Magnitude DoRA's} ratio of m to the norms of the columns of \(E + s (B A)^\top\).
 *
 * <p>Shapes: x int64 {@code [N]}; E {@code [V, D]}; A {@code [R, V]}; B {@code [D, R]}; m {@code [D]}; y {@code [N, D]}. Saved as
 * {@code lora_embedding_A}, {@code lora_embedding_B} and {@code lora_magnitude_vector}. There is no dropout, as in Hugging Face PEFT.
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021, section 4.1</a>
 */
final class LoraEmbedding extends LoraLayer {

    private final LowRank update;
    private final @Nullable Magnitude magnitude;

    /**
     * Wraps an embedding, or a wrapper of one.
     *
     * @param magnitude m, or null for plain LoRA
     */
    LoraEmbedding(Module base, LowRank update, @Nullable Weight magnitude) {
        super(base);
        this.update = new LowRank(weight(update.a()), weight(update.b()), update.scale());
        this.magnitude = magnitude == null ? null : new Magnitude(weight(magnitude));
    }

    @Override
    Map<String, Weight> parameters() {
        return ownWeights();
    }

    private Weight table() {
        return ((Embedding) innermost(this)).weight();
    }

    @Override
    public Activation forward(Forward context, Activation ids) {
        Activation base = wrapped().forward(context, ids);
        if (!adds()) {
            return base;
        }
        Kernels k = context.kernels();
        Precision precision = table().computePrecision();
        try (NDArray inner = inner(k, precision, ids.array());
                NDArray sum = update.outer(k, precision, inner, base.array())) {
            return magnitude == null
                    ? plain(context, precision, base, ids, inner, sum)
                    : stretched(context, precision, base, ids, inner, sum, magnitude);
        } finally {
            base.close();
        }
    }

    private NDArray inner(Kernels k, Precision precision, NDArray ids) {
        try (NDArray columns = k.transpose(update.a().array());
                NDArray found = k.embedding(columns, ids)) {
            k.scaleInto(found, update.scale());
            return precision == Precision.FLOAT32 ? k.alias(found) : k.cast(found, precision);
        }
    }

    private Activation plain(
            Forward context, Precision precision, Activation base, Activation ids, NDArray inner, NDArray sum) {
        Kernels k = context.kernels();
        boolean needed = base.needsGradient() || update.needsGradient(ids);
        List<NDArray> saved = context.save(needed, ids.array(), inner);
        return context.record(k.alias(sum), needed, saved, g -> {
            if (base.needsGradient()) {
                base.accumulateShared(g, k);
            }
            factors(k, precision, saved, g);
        });
    }

    private Activation stretched(
            Forward context,
            Precision precision,
            Activation base,
            Activation ids,
            NDArray inner,
            NDArray sum,
            Magnitude m) {
        Kernels k = context.kernels();
        boolean needed =
                base.needsGradient() || update.needsGradient(ids) || m.weight().trainable();
        try (NDArray n = norms(k, table().array());
                NDArray factor = m.factor(k, n)) {
            NDArray y = LoraKernels.of(k).stretch(sum, factor, null);
            List<NDArray> saved = context.save(needed, ids.array(), inner, sum, n, factor);
            return context.record(y, needed, saved, g -> {
                try (NDArray scaled = LoraKernels.of(k).stretch(g, saved.get(4), null)) {
                    if (base.needsGradient()) {
                        base.accumulateShared(scaled, k);
                    }
                    factors(k, precision, saved, scaled);
                }
                m.accumulate(k, g, saved.get(2), saved.get(3));
            });
        }
    }

    private void factors(Kernels k, Precision precision, List<NDArray> saved, NDArray g) {
        if (update.b().trainable()) {
            update.b().accumulate(k.outer(g, saved.get(1)));
        }
        if (update.a().trainable()) {
            try (NDArray flowed = update.innerGradient(k, precision, g);
                    NDArray rows = k.embeddingGradient(
                            flowed, saved.get(0), table().shape().get(0));
                    NDArray turned = k.transpose(rows)) {
                update.a().accumulate(k.contiguous(turned));
            }
        }
    }

    private NDArray norms(Kernels k, NDArray table) {
        try (NDArray columns = k.transpose(table)) {
            return Magnitude.norms(k, columns, update);
        }
    }

    @Override
    Merged mergedValues() {
        Weight table = table();
        Kernels k = table.scope().kernels();
        try (NDArray delta = update.delta(k);
                NDArray turned = k.transpose(delta)) {
            if (magnitude == null) {
                try (NDArray before = k.cast(table.array(), Precision.FLOAT32)) {
                    return new Merged(Map.of(table, k.add(before, turned)));
                }
            }
            try (NDArray n = norms(k, table.original());
                    NDArray factor = magnitude.factor(k, n)) {
                return new Merged(Map.of(table, LoraKernels.of(k).merged(table.array(), turned, factor)));
            }
        }
    }
}
