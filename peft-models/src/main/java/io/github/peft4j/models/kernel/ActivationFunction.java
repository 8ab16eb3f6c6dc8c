package io.github.peft4j.models.kernel;

import io.github.peft4j.models.kernel.internal.TokenProgram;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The element-wise activation functions, under the names that Hugging Face configs give them: all of transformers' {@code ACT2FN} but
 * those with weights of their own.
 */
public enum ActivationFunction {
    /** x sigmoid(x). */
    SILU("silu", "silu", "swish"),
    /** x Phi(x), by the error function. */
    GELU("gelu", "gelu", "gelu_python"),
    /** x Phi(x), approximated by a hyperbolic tangent. */
    GELU_TANH("gelu_tanh", "gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_fast", "gelu_accurate"),
    /** x Phi(x), at most 10. */
    CLIPPED_GELU("gelu_10", "gelu_10"),
    /** x sigmoid(1.702 x). */
    QUICK_GELU("quick_gelu", "quick_gelu"),
    /** max(x, 0). */
    RELU("relu", "relu"),
    /** max(x, 0) squared. */
    SQUARED_RELU("relu2", "relu2"),
    /** max(x, 0), at most 6. */
    RELU6("relu6", "relu6"),
    /** x, times 0.01 below 0. */
    LEAKY_RELU("leaky_relu", "leaky_relu"),
    /** x tanh(softplus(x)). */
    MISH("mish", "mish"),
    /** x relu6(x + 3) / 6. */
    HARD_SWISH("hardswish", "hardswish"),
    /** The hyperbolic tangent. */
    TANH("tanh", "tanh"),
    /** 1 / (1 + exp(-x)). */
    SIGMOID("sigmoid", "sigmoid"),
    /** The square root of ln(1 + exp(x)). */
    SQRT_SOFTPLUS("sqrtsoftplus", "sqrtsoftplus"),
    /** The normal distribution function of mean 0.707107 and deviation 0.282095. */
    LAPLACE("laplace", "laplace"),
    /** x. */
    LINEAR("identity", "linear");

    /** Names of functions that have weights in the checkpoint. */
    private static final Set<String> WITH_WEIGHTS = Set.of("prelu", "xielu");

    private final String kernel;
    private final List<String> names;

    ActivationFunction(String kernel, String... names) {
        this.kernel = kernel;
        this.names = List.of(names);
    }

    String kernel() {
        return kernel;
    }

    String gradientKernel() {
        return kernel + "_gradient";
    }

    /** The function of a value in a script that may use the project's kernels, as {@link TokenProgram}'s text may. */
    public String call(String x) {
        return "self." + kernel + "(" + x + ")";
    }

    /**
     * The function with a name of Hugging Face's {@code hidden_act} or {@code activation_function}.
     *
     * @throws IllegalArgumentException if there is none, or it has weights of its own
     */
    public static ActivationFunction of(String name) {
        String problem = WITH_WEIGHTS.contains(name)
                ? "the activation function \"" + name + "\" has weights of its own, which is not implemented"
                : "unknown activation function \"" + name + "\"";
        return Arrays.stream(values())
                .filter(f -> f.names.contains(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(problem + ": expected one of "
                        + Arrays.stream(values())
                                .flatMap(f -> f.names.stream())
                                .sorted()
                                .toList()));
    }
}
