package io.github.peft4j.methods.lora.internal.update;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.MergedValues;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer with a trainable low-rank update: \(y = W x + b + s\,(B A\,\mathrm{drop}(x) + b_B)\), with \(s = \alpha / r\) or
 * \(\alpha / \sqrt r\).
 *
 * <p>Shapes: x {@code [N, in]}; A {@code [R, in]}; B {@code [out, R]}; \(b_B\) {@code [out]}, optional; y {@code [N, out]}. W and b stay
 * frozen. Saved as {@code lora_A.weight}, {@code lora_B.weight} and {@code lora_B.bias}. GPT-2's transposed layers have A and B in the
 * same orientation.
 *
 * <p>A and B are float32 whatever the base's format; their products run in the base's format. Hugging Face PEFT runs them in float32.
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021, section 4.1</a>
 */
public final class LoraLinear extends LoraLayer implements Scripted {

    private final LowRank update;
    private final @Nullable Weight biasOfB;
    private final double dropout;

    private LoraLinear(Module base, LowRank update, @Nullable Weight biasOfB, double dropout, boolean trained) {
        super(base);
        this.update = update;
        this.biasOfB = biasOfB;
        this.dropout = dropout;
        if (trained) {
            weight(update.a());
            weight(update.b());
        }
        if (biasOfB != null) {
            weight(biasOfB);
        }
    }

    /**
     * Wraps a linear layer, or a wrapper of one.
     *
     * @param biasOfB bias of B, float32 [out], or null
     * @param dropout probability with which a value of x is dropped on the way to A in training
     */
    public static LoraLinear of(Module base, LowRank update, @Nullable Weight biasOfB, double dropout) {
        return new LoraLinear(base, update, biasOfB, dropout, true);
    }

    /**
     * What is left of a linear layer when an update takes its share out of it: the same with factors that are never trained, saved or
     * counted as parameters. The layer itself does not change.
     *
     * @param taken of negative scale
     */
    public static LoraLinear rest(Module base, LowRank taken) {
        return new LoraLinear(base, taken, null, 0, false);
    }

    @Override
    public boolean dropsActivations() {
        return dropout > 0;
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Activation base = wrapped().forward(context, x);
        return changed(context, adds(), base, x, (y, input) -> updated(context, y, input));
    }

    private Activation updated(Forward context, Activation base, Activation x) {
        return dropping(context, x, dropout, input -> update(context, base, input));
    }

    @Override
    public LowRank update() {
        return update;
    }

    @Override
    @Nullable
    public Weight biasOfB() {
        return biasOfB;
    }

    private Activation update(Forward context, Activation base, Activation x) {
        Kernels k = context.kernels();
        Precision precision = precisionOfLinear();
        LowRank.Factors factors = update.factors(context, precision);
        boolean needed = base.needsGradient() || Forward.needsGradient(x, update.a(), update.b(), biasOfB);
        try (NDArray inner = LowRank.inner(k, factors, x.array())) {
            NDArray y = LowRank.outer(k, factors.b(), inner, base.array());
            if (biasOfB != null) {
                addBias(k, y, precision, biasOfB);
            }
            List<NDArray> saved = context.save(needed, x.array(), inner);
            return context.record(y, needed, saved, g -> backward(k, factors, base, x, saved, g));
        }
    }

    private void addBias(Kernels k, NDArray y, Precision precision, Weight bias) {
        try (NDArray scaled = scaledBias(k, precision, bias)) {
            k.addInto(y, scaled);
        }
    }

    private NDArray scaledBias(Kernels k, Precision precision, Weight bias) {
        try (NDArray scaled = k.scale(bias.array(), update.scale())) {
            return k.cast(scaled, precision);
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        return changed(script, adds(), script.write(wrapped(), x), x, (y, input) -> written(script, y, input));
    }

    private String written(TokenScript script, String base, String x) {
        Precision precision = precisionOfLinear();
        String y = update.write(script, precision, x, base);
        Weight bias = biasOfB;
        return bias == null
                ? y
                : script.line("torch.add(" + y + ", " + script.array(k -> scaledBias(k, precision, bias)) + ")");
    }

    private void backward(
            Kernels k, LowRank.Factors factors, Activation base, Activation x, List<NDArray> saved, NDArray g) {
        if (base.needsGradient()) {
            base.accumulateShared(g, k);
        }
        if (biasOfB != null && biasOfB.trainable()) {
            NDArray sum = k.sumRows(g);
            k.scaleInto(sum, update.scale());
            biasOfB.accumulate(sum);
        }
        update.backward(k, factors, x, saved.get(0), saved.get(1), g);
    }

    @Override
    protected void mergeInto(MergedValues values) {
        Kernels k = values.kernels();
        values.addToWeight(update.delta(k));
        if (biasOfB != null) {
            requireBias(values);
            values.add(MergedValues.BIAS, k.scale(biasOfB.array(), update.scale()));
        }
    }

    private static void requireBias(MergedValues values) {
        if (!values.hasBias()) {
            throw new IllegalStateException(
                    "Impossible to merge LoRA with `lora_bias=True` because the base layer has no bias.");
        }
    }

    @Override
    protected void free() {
        update.free();
        if (biasOfB != null) {
            biasOfB.free();
        }
    }
}
