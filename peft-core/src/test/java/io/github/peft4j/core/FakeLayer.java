package io.github.peft4j.core;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Wrapper;
import java.util.Arrays;

/** Multiplies each output of a layer by a factor. */
final class FakeLayer extends Wrapper {

    private final Weight factor;
    boolean on = true;
    boolean merged;

    FakeLayer(Module base, long width, Scope scope, float initial) {
        super(base);
        float[] values = new float[Math.toIntExact(width)];
        Arrays.fill(values, initial);
        this.factor = weight(new Weight("fake_factor", scope.floats(values, width), Precision.FLOAT32, scope, false));
    }

    Weight factor() {
        return factor;
    }

    /** The weight of the layer that is in use. */
    Weight baseWeight() {
        return innermost(this).ownWeights().get("weight");
    }

    @Override
    public Activation forward(Forward context, Activation input) {
        Activation base = wrapped().forward(context, input);
        if (!on || merged) {
            return base;
        }
        try (base;
                NDArray now =
                        context.kernels().cast(factor.array(), baseWeight().computePrecision())) {
            return Activation.constant(context.kernels().multiply(base.array(), now));
        }
    }
}
