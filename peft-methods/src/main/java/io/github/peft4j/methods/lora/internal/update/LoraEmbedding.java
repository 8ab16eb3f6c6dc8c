package io.github.peft4j.methods.lora.internal.update;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.MergedValues;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import java.util.List;
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
public final class LoraEmbedding extends LoraLayer {

    private final LowRank update;
    private final @Nullable Magnitude magnitude;

    /**
     * Wraps an embedding, or a wrapper of one.
     *
     * @param magnitude m, or null for plain LoRA
     */
    public LoraEmbedding(Module base, LowRank update, @Nullable Weight magnitude) {
        super(base);
        weight(update.a());
        weight(update.b());
        this.update = update;
        this.magnitude = magnitude == null ? null : new Magnitude(weight(magnitude));
    }

    @Override
    public LowRank update() {
        return update;
    }

    @Override
    public boolean stretches() {
        return magnitude != null;
    }

    private Embedding embedding() {
        return (Embedding) layer(this);
    }

    private static NDArray norms(Kernels k, Embedding embedding, LowRank update) {
        try (NDArray table = embedding.weight().forCompute(k)) {
            return Magnitude.norms(k, table, true, update, null);
        }
    }

    /** The lengths that leave a table as it is, float32 [D]. */
    public static NDArray initialMagnitude(Embedding embedding, LowRank update) {
        return norms(embedding.weight().scope().kernels(), embedding, update);
    }

    @Override
    public Activation forward(Forward context, Activation ids) {
        Activation base = wrapped().forward(context, ids);
        return changed(context, adds(), base, ids, (y, numbers) -> updated(context, y, numbers));
    }

    private Activation updated(Forward context, Activation base, Activation ids) {
        Kernels k = context.kernels();
        Precision precision = embedding().weight().computePrecision();
        NDArray up = update.up(context, precision);
        try (NDArray inner = columns(k, precision, ids.array());
                NDArray sum = LowRank.outer(k, up, inner, base.array())) {
            return magnitude == null
                    ? plain(context, up, base, ids, inner, sum)
                    : stretched(context, up, base, ids, inner, sum, magnitude);
        }
    }

    /** The columns of A at the ids as rows [N, R], in the given format. */
    private NDArray columns(Kernels k, Precision precision, NDArray ids) {
        try (NDArray columns = k.transpose(update.a().array());
                NDArray found = k.embedding(columns, ids)) {
            return precision == Precision.FLOAT32 ? k.alias(found) : k.cast(found, precision);
        }
    }

    private Activation plain(Forward context, NDArray up, Activation base, Activation ids, NDArray inner, NDArray sum) {
        Kernels k = context.kernels();
        boolean needed = base.needsGradient() || update.needsGradient(ids);
        List<NDArray> saved = context.save(needed, ids.array(), inner);
        return context.record(k.alias(sum), needed, saved, g -> {
            if (base.needsGradient()) {
                base.accumulateShared(g, k);
            }
            backward(k, up, saved, g);
        });
    }

    private Activation stretched(
            Forward context, NDArray up, Activation base, Activation ids, NDArray inner, NDArray sum, Magnitude m) {
        Kernels k = context.kernels();
        boolean needed =
                base.needsGradient() || update.needsGradient(ids) || m.weight().trainable();
        try (NDArray n = norms(k, embedding(), update);
                NDArray factor = m.factor(k, n)) {
            NDArray y = LoraKernels.of(k).stretch(sum, factor, null);
            List<NDArray> saved = context.save(needed, ids.array(), inner, sum, n, factor);
            return context.record(y, needed, saved, g -> {
                try (NDArray scaled = LoraKernels.of(k).stretch(g, saved.get(4), null)) {
                    if (base.needsGradient()) {
                        base.accumulateShared(scaled, k);
                    }
                    backward(k, up, saved, scaled);
                }
                m.accumulate(k, g, saved.get(2), saved.get(3));
            });
        }
    }

    private void backward(Kernels k, NDArray up, List<NDArray> saved, NDArray g) {
        update.accumulateB(k, g, saved.get(1));
        if (update.a().trainable()) {
            try (NDArray flowed = LowRank.innerGradient(k, up, g);
                    NDArray gradient = embedding().gradient(k, flowed, saved.get(0));
                    NDArray turned = k.transpose(gradient)) {
                update.a().accumulate(k.contiguous(turned));
            }
        }
    }

    @Override
    protected void mergeInto(MergedValues values) {
        Kernels k = values.kernels();
        try (NDArray turned = update.deltaTransposed(k)) {
            if (magnitude == null) {
                values.add(MergedValues.WEIGHT, k.alias(turned));
                return;
            }
            try (NDArray n = norms(k, (Embedding) values.unmerged(), update);
                    NDArray factor = magnitude.factor(k, n)) {
                values.put(
                        MergedValues.WEIGHT, LoraKernels.of(k).merged(values.get(MergedValues.WEIGHT), turned, factor));
            }
        }
    }

    @Override
    protected void free() {
        update.free();
        if (magnitude != null) {
            magnitude.weight().free();
        }
    }
}
