package io.github.peft4j.examples.architecture;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;

/** LayerScale (Touvron et al. 2021): \(y = \gamma \odot x\), one factor a channel; x and y [N, D], gamma [D]. */
final class LayerScale extends Module implements Scripted {

    private final Weight gamma;

    private LayerScale(Weight gamma) {
        this.gamma = weight(gamma);
    }

    static LayerScale load(Weights weights, long width) {
        return new LayerScale(weights.take("gamma", width));
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Kernels k = context.kernels();
        boolean needed = Forward.needsGradient(x, gamma);
        NDArray factors = gamma.array();
        List<NDArray> saved = context.save(needed, x.array(), factors);
        return context.record(k.multiply(x.array(), factors), needed, saved, g -> {
            if (x.needsGradient()) {
                x.accumulate(k.multiply(g, saved.get(1)), k);
            }
            if (gamma.trainable()) {
                try (NDArray product = k.multiply(g, saved.get(0))) {
                    gamma.accumulate(k.sumRows(product));
                }
            }
        });
    }

    /** For one new token, where calling an operator costs as much as the operator. */
    @Override
    public String write(TokenScript script, String x) {
        return script.line("torch.mul(" + x + ", " + script.array(k -> k.alias(gamma.array())) + ")");
    }
}
