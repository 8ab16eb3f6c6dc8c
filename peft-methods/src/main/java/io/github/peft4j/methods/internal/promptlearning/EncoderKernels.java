package io.github.peft4j.methods.internal.promptlearning;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.kernel.internal.KernelLibrary;
import io.github.peft4j.models.kernel.internal.ScopedKernels;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The networks of prompt encoders in torch's own operators, written in {@code encoders.py}; torch's autograd works out their gradients.
 */
public final class EncoderKernels {

    /** Weights of one LSTM layer. */
    private static final int LSTM_WEIGHTS = 8;

    private EncoderKernels() {}

    /**
     * Linear layers with a function between them, over rows of an embedding.
     *
     * @param weights the embedding [P, in], then weight [out, in] and bias [out] of each layer
     * @return [P, out of the last], float32
     */
    public static Activation layers(Forward context, Between function, List<Weight> weights) {
        return Functions.autograd(
                context, List.of(), weights, in -> call(context.scope(), function.kernel, List.of(in)));
    }

    /** What stands between two linear layers. */
    public enum Between {
        /** max(0, x). */
        RELU("relu_layers"),
        /** The hyperbolic tangent. */
        TANH("tanh_layers");

        private final String kernel;

        Between(String kernel) {
            this.kernel = kernel;
        }
    }

    /**
     * Layers of {@code torch.nn.LSTM} in both directions over the rows of an embedding, and linear layers with a {@link Between#RELU}
     * between them over the outcome.
     *
     * @param masks what the outcome of each LSTM layer but the last is multiplied by, [P, 2 Hd] each; none for nothing
     * @param lstmLayers number of LSTM layers
     * @param weights the embedding [P, in]; of each LSTM layer {@code weight_ih}, {@code weight_hh}, {@code bias_ih}, {@code bias_hh}
     *     forwards and then backwards; of each linear layer weight and bias
     * @return [P, out of the last], float32
     */
    public static Activation lstm(Forward context, List<Activation> masks, int lstmLayers, List<Weight> weights) {
        Scope scope = context.scope();
        return Functions.autograd(context, masks, weights, in -> {
            NDArray[] own = Arrays.copyOfRange(in, masks.size(), in.length);
            NDArray x = own[0];
            for (int layer = 0; layer < lstmLayers; layer++) {
                int first = 1 + layer * LSTM_WEIGHTS;
                x = call(scope, "lstm", x, List.of(own).subList(first, first + LSTM_WEIGHTS));
                if (layer < masks.size()) {
                    x = x.mul(in[layer]);
                }
            }
            NDArray[] head = Arrays.copyOfRange(own, lstmLayers * LSTM_WEIGHTS, own.length);
            head[0] = x;
            return call(scope, Between.RELU.kernel, List.of(head));
        });
    }

    private static NDArray call(Scope scope, String kernel, Object... arguments) {
        KernelLibrary library =
                ScopedKernels.of(scope, EncoderKernels.class, "encoders.py").library();
        return (NDArray) Objects.requireNonNull(library.callDifferentiable(scope, kernel, arguments));
    }
}
