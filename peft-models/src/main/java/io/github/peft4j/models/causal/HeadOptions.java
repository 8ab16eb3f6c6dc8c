package io.github.peft4j.models.causal;

import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.function.ToDoubleFunction;

/**
 * What is special about an architecture's head.
 *
 * @param name what its checkpoints may call it; in the model it is {@code lm_head}
 * @param cap bounds the logits softly, \(c \tanh(x / c)\) for x; 0 for no bound
 */
public record HeadOptions(String name, ToDoubleFunction<ModelConfig> cap) {

    /** A head under its usual name, whose logits have no bound. */
    public static final HeadOptions PLAIN = new HeadOptions(LanguageHead.NAME, config -> 0);

    /** The same where checkpoints may have another name for it. */
    public HeadOptions named(String other) {
        return new HeadOptions(other, cap);
    }

    /** The same with a bound. */
    public HeadOptions capped(ToDoubleFunction<ModelConfig> bound) {
        return new HeadOptions(name, bound);
    }

    /** The head's weights in a checkpoint, under whichever name it has there. */
    Weights weights(Weights root) {
        return root.at(root.at(name).has("weight") ? name : LanguageHead.NAME);
    }
}
