package io.github.peft4j.methods.internal.tokens;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.LayerKernels;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import java.util.List;

/**
 * A linear layer without bias, usually the output layer, in which some rows of the matrix are exchanged: \(y_t = v_t \cdot x\) for those,
 * \(y_j = W_j \cdot x\) for the others.
 *
 * <p>Shapes: x {@code [N, D]}; v {@code [T, D]}, saved as {@code trainable_tokens_delta}; y {@code [N, V]}.
 */
final class TokensLinear extends TokensLayer implements Scripted {

    /** Wraps a linear layer, or a wrapper of one. */
    TokensLinear(Module base, Holding holding) {
        super(base, holding);
    }

    @Override
    Activation exchanged(Forward context, Activation base, Activation x) {
        Kernels k = context.kernels();
        boolean needed = base.needsGradient() || Forward.needsGradient(x, tokens().vectors());
        try (NDArray rows = tokens().vectors().in(precisionOfLinear(), k);
                NDArray own = k.linear(x.array(), rows, null)) {
            NDArray y = LayerKernels.of(k).withEntries(base.array(), 1, tokens().index(), own);
            List<NDArray> saved = context.save(needed, x.array(), rows);
            return context.record(y, needed, saved, g -> backward(k, base, x, saved, g));
        }
    }

    private void backward(Kernels k, Activation base, Activation x, List<NDArray> saved, NDArray g) {
        LayerKernels kernels = LayerKernels.of(k);
        if (base.needsGradient()) {
            base.accumulate(kernels.withoutEntries(g, 1, tokens().index()), k);
        }
        try (NDArray own = kernels.entries(g, 1, tokens().index())) {
            if (x.needsGradient()) {
                x.accumulate(sum -> k.linearGradient(own, saved.get(1), sum));
            }
            if (tokens().vectors().trainable()) {
                tokens().vectors().accumulate(k.outer(own, saved.get(0)));
            }
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        String base = script.write(wrapped(), x);
        if (adds() && script.reach(this) == null) {
            requireApart();
        }
        return changed(script, adds(), base, x, (outputs, inputs) -> {
            String index = script.array(k -> k.alias(tokens().index()));
            String rows = script.array(k -> tokens().vectors().in(precisionOfLinear(), k));
            return script.line("torch.index_copy(" + outputs + ", 1, " + index + ", torch.linear(" + inputs + ", "
                    + rows + ", None))");
        });
    }
}
