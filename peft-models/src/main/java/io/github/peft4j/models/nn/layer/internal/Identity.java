package io.github.peft4j.models.nn.layer.internal;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;

/** \(y = x\): stands where other layers of its kind have something, so that names mean the same layers as in Hugging Face's models. */
public final class Identity extends Module implements Scripted {

    @Override
    public Activation forward(Forward context, Activation x) {
        return context.reshape(x, x.array().getShape().getShape());
    }

    @Override
    public String write(TokenScript script, String x) {
        return x;
    }
}
