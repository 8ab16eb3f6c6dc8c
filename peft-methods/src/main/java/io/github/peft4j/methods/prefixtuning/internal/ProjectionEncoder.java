package io.github.peft4j.methods.prefixtuning.internal;

import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.promptlearning.EncoderKernels;
import io.github.peft4j.methods.internal.promptlearning.PromptEncoder;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * \(W_2 \tanh(W_1 e + b_1) + b_2\) of every place's embedding e.
 *
 * @param weights the embedding [P, K Dh]; W1 [Hd, K Dh], W2 [L 2 K Dh, Hd], each with its bias
 */
record ProjectionEncoder(Map<String, Weight> weights) implements PromptEncoder {

    /** How many weights there are: an embedding and two linear layers. */
    static final int TENSORS = 5;

    /**
     * An encoder with new weights.
     *
     * @param zero whether the last layer begins at zero
     */
    static ProjectionEncoder of(NewWeights first, long places, long width, long hidden, long out, boolean zero) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        weights.put("embedding.weight", first.normal("weight", places, width));
        weights.put("transform.0.weight", first.uniform("weight", width, hidden, width));
        weights.put("transform.0.bias", first.uniform("bias", width, hidden));
        weights.put(
                "transform.2.weight",
                zero ? first.zeros("weight", out, hidden) : first.uniform("weight", hidden, out, hidden));
        weights.put("transform.2.bias", zero ? first.zeros("bias", out) : first.uniform("bias", hidden, out));
        return new ProjectionEncoder(weights);
    }

    @Override
    public Activation encode(Forward context) {
        return EncoderKernels.layers(context, EncoderKernels.Between.TANH, List.copyOf(weights.values()));
    }
}
