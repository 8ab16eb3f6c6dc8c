package io.github.peft4j.examples.method;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.Wrapper;
import java.util.List;

/** A module whose every output is multiplied by a trained scale: y [N, D], s [D]. */
final class ScaledLayer extends Wrapper implements Scripted {

    private final Weight scale;
    private final Precision precision;
    private boolean enabled = true;

    ScaledLayer(Module base, NDArray first, Model<?> model) {
        super(base);
        this.scale = weight(new Weight("scale", first, Precision.FLOAT32, model.scope(), false));
        this.precision = model.precision();
    }

    Weight scale() {
        return scale;
    }

    void setEnabled(boolean on) {
        enabled = on;
    }

    boolean isEnabled() {
        return enabled;
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Activation y = wrapped().forward(context, x);
        if (!enabled) {
            return y;
        }
        Kernels k = context.kernels();
        try (y;
                NDArray s = scale.in(precision, k)) {
            boolean needed = Forward.needsGradient(y, scale);
            List<NDArray> saved = context.save(needed, y.array(), s);
            return context.record(k.multiply(y.array(), s), needed, saved, g -> {
                if (y.needsGradient()) {
                    y.accumulate(k.multiply(g, saved.get(1)), k);
                }
                if (scale.trainable()) {
                    try (NDArray product = k.multiply(g, saved.get(0))) {
                        scale.accumulate(k.sumRows(product));
                    }
                }
            });
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        String y = script.write(wrapped(), x);
        return enabled ? script.line("torch.mul(" + y + ", " + script.array(k -> scale.in(precision, k)) + ")") : y;
    }
}
