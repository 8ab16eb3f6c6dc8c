package io.github.peft4j.methods.llamaadapter.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.Wrapper;
import io.github.peft4j.models.nn.attention.internal.Attention;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The place of one block's {@link AdaptionPrompt} in the tree of modules: it holds the weights, and the attention under it attends to
 * them through a {@link PromptAttention}.
 */
final class AdaptedAttention extends Wrapper implements Scripted {

    private final Attention attention;
    private final AdaptionPrompt prompt;
    private final PromptAttention side;
    private final @Nullable Weight secondBias;

    /**
     * Wraps an attention module, or a wrapper of one.
     *
     * @param attention the module under all wrappers
     * @param projected whether what comes out goes through the output projection
     * @param secondBias the output projection's bias [D] where it is added a second time, as in Hugging Face PEFT, which computes the
     *     projection twice; or null
     */
    AdaptedAttention(
            Module base, Attention attention, AdaptionPrompt prompt, boolean projected, @Nullable Weight secondBias) {
        super(base);
        this.secondBias = secondBias;
        this.attention = attention;
        this.prompt = prompt;
        this.side = new PromptAttention(attention, prompt, projected);
        weight(prompt.tokens());
        weight(prompt.gate());
        attention.attendTo(side);
    }

    @Override
    public String wrappedName() {
        return "model";
    }

    @Override
    public Activation forward(Forward context, Activation x) {
        Activation y = wrapped().forward(context, x);
        return secondBias == null || !side.isOn() ? y : plus(context, y, secondBias);
    }

    /** y plus a frozen bias; y is closed. */
    private static Activation plus(Forward context, Activation y, Weight bias) {
        Kernels k = context.kernels();
        try (y;
                NDArray values = bias.forCompute(k)) {
            return context.record(
                    k.add(y.array(), values), y.needsGradient(), List.of(), g -> y.accumulateShared(g, k));
        }
    }

    @Override
    public String write(TokenScript script, String x) {
        String y = script.write(wrapped(), x);
        return secondBias == null || !side.isOn()
                ? y
                : script.line("torch.add(" + y + ", " + script.array(secondBias::forCompute) + ")");
    }

    void setEnabled(boolean enabled) {
        side.setOn(enabled);
    }

    boolean isEnabled() {
        return side.isOn();
    }

    /** Lets go of the attention and frees the weights; it must not be used any more. */
    void free() {
        attention.forget(side);
        prompt.free();
    }
}
