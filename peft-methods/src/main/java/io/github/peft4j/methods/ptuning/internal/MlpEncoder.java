package io.github.peft4j.methods.ptuning.internal;

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
 * \(W_3\, \mathrm{relu}(W_2\, \mathrm{relu}(W_1 e + b_1) + b_2) + b_3\) of every virtual token's embedding e.
 *
 * @param weights the embedding [P, D]; W1 [Hd, D], W2 [Hd, Hd], W3 [D, Hd], each with its bias
 */
record MlpEncoder(Map<String, Weight> weights) implements PromptEncoder {

    /** How many weights there are: an embedding and three linear layers. */
    static final int TENSORS = 7;

    static MlpEncoder of(NewWeights first, int tokens, int width, int hidden) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        weights.put("embedding.weight", first.normal("weight", tokens, width));
        linear(weights, "mlp_head.0", first, hidden, width);
        linear(weights, "mlp_head.2", first, hidden, hidden);
        linear(weights, "mlp_head.4", first, width, hidden);
        return new MlpEncoder(weights);
    }

    /** Adds a linear layer's weight and bias. */
    static void linear(Map<String, Weight> weights, String name, NewWeights first, long out, long in) {
        weights.put(name + ".weight", first.uniform("weight", in, out, in));
        weights.put(name + ".bias", first.uniform("bias", in, out));
    }

    @Override
    public Activation encode(Forward context) {
        return EncoderKernels.layers(context, EncoderKernels.Between.RELU, List.copyOf(weights.values()));
    }
}
