package io.github.peft4j.methods.ptuning.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.methods.internal.layers.NewWeights;
import io.github.peft4j.methods.internal.promptlearning.EncoderKernels;
import io.github.peft4j.methods.internal.promptlearning.PromptEncoder;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Forward;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * \(W_2\, \mathrm{relu}(W_1\, \mathrm{lstm}(e) + b_1) + b_2\): torch's LSTM over the virtual tokens' embeddings e in both directions.
 *
 * @param layers of the LSTM
 * @param dropout between them in training. Places are drawn by this library's own generator, so that a run can be repeated; torch's are
 *     others
 * @param weights the embedding [P, D]; of each layer of the LSTM, forwards and backwards, {@code weight_ih} [4 Hd, D or 2 Hd],
 *     {@code weight_hh} [4 Hd, Hd], {@code bias_ih} and {@code bias_hh} [4 Hd]; W1 [2 Hd, 2 Hd], W2 [D, 2 Hd], each with its bias
 */
record LstmEncoder(int layers, double dropout, Map<String, Weight> weights) implements PromptEncoder {

    /** Weights of one layer in one direction. */
    private static final int OF_LAYER = 4;

    /** Input, forget, cell and output gate. */
    private static final int GATES = 4;

    /** How many weights there are: an embedding, four of each layer and direction, and two linear layers. */
    static long tensors(int layers) {
        return 1 + 2L * OF_LAYER * layers + 4;
    }

    static LstmEncoder of(NewWeights first, int tokens, int width, int hidden, int layers, double dropout) {
        Map<String, Weight> weights = new LinkedHashMap<>();
        weights.put("embedding.weight", first.normal("weight", tokens, width));
        long gates = (long) GATES * hidden;
        for (int layer = 0; layer < layers; layer++) {
            for (String direction : List.of("", "_reverse")) {
                String end = "_l" + layer + direction;
                long in = layer == 0 ? width : 2L * hidden;
                uniform(weights, "weight_ih" + end, first, hidden, gates, in);
                uniform(weights, "weight_hh" + end, first, hidden, gates, hidden);
                uniform(weights, "bias_ih" + end, first, hidden, gates);
                uniform(weights, "bias_hh" + end, first, hidden, gates);
            }
        }
        MlpEncoder.linear(weights, "mlp_head.0", first, 2L * hidden, 2L * hidden);
        MlpEncoder.linear(weights, "mlp_head.2", first, width, 2L * hidden);
        return new LstmEncoder(layers, dropout, weights);
    }

    private static void uniform(Map<String, Weight> weights, String name, NewWeights first, int hidden, long... shape) {
        weights.put("lstm_head." + name, first.uniform(name, hidden, shape));
    }

    @Override
    public Activation encode(Forward context) {
        List<Activation> masks = new ArrayList<>();
        if (dropout > 0 && context.dropoutApplies()) {
            for (int layer = 1; layer < layers; layer++) {
                masks.add(mask(context));
            }
        }
        try {
            return EncoderKernels.lstm(context, masks, layers, List.copyOf(weights.values()));
        } finally {
            masks.forEach(Activation::close);
        }
    }

    private Activation mask(Forward context) {
        Weight embedding = weights.values().iterator().next();
        Weight recurrent = weights.get("lstm_head.weight_hh_l0");
        int tokens = (int) embedding.shape().get(0);
        int width =
                2 * (int) java.util.Objects.requireNonNull(recurrent).shape().get(1);
        float[] ones = new float[tokens * width];
        Arrays.fill(ones, 1);
        Kernels k = context.kernels();
        try (NDArray all = context.scope().floats(ones, tokens, width)) {
            return Activation.constant(k.dropout(all, dropout, context.nextDropoutSeed()));
        }
    }
}
