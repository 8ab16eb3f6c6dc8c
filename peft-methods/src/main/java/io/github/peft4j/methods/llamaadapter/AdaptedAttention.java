package io.github.peft4j.methods.llamaadapter;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Attention;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.Scripted;
import io.github.peft4j.models.nn.TokenScript;
import io.github.peft4j.models.nn.Wrapper;

/**
 * The place of one block's {@link AdaptionPrompt} in the tree of modules: it holds the weights, and the attention under it attends to
 * them through a {@link PromptAttention}.
 */
final class AdaptedAttention extends Wrapper implements Scripted {

    private final Attention attention;
    private final AdaptionPrompt prompt;
    private final PromptAttention side;

    /**
     * Wraps an attention module, or a wrapper of one.
     *
     * @param attention the module under all wrappers
     * @param projected whether what comes out goes through the output projection
     */
    AdaptedAttention(Module base, Attention attention, AdaptionPrompt prompt, boolean projected) {
        super(base);
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
        return wrapped().forward(context, x);
    }

    @Override
    public String write(TokenScript script, String x) {
        return script.write(wrapped(), x);
    }

    void setEnabled(boolean enabled) {
        side.setOn(enabled);
    }

    /** Lets go of the attention and frees the weights; it must not be used any more. */
    void free() {
        attention.forget(side);
        prompt.free();
    }
}
