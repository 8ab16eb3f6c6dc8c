package io.github.peft4j.models.internal.architecture.opt;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.NormKernels;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Layer normalisation without weights: \(y = (x - \mathrm{mean}(x)) / \sqrt{\mathrm{var}(x) + \epsilon}\), x and y {@code [N, D]}.
 * torch's {@code LayerNorm} with {@code elementwise_affine=False}.
 */
final class PlainLayerNorm extends Module implements Scripted {

    private final double epsilon;

    /** A norm of any width. */
    PlainLayerNorm(double epsilon) {
        this.epsilon = epsilon;
    }

    @Override
    public PlainLayerNorm withWeights(UnaryOperator<Weight> choice) {
        return new PlainLayerNorm(epsilon);
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Kernels k = context.kernels();
        NormKernels norms = NormKernels.of(k.scope());
        List<NDArray> saved = context.save(x.needsGradient(), x.array());
        return context.record(
                norms.layerNorm(x.array(), null, null, epsilon),
                x.needsGradient(),
                saved,
                g -> x.accumulate(norms.layerNormGradient(g, saved.get(0), null, epsilon), k));
    }

    @Override
    public String write(TokenScript script, String x) {
        return script.line("self.layer_norm(" + x + ", None, None, " + epsilon + ")");
    }
}
