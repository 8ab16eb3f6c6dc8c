package io.github.peft4j.models.kernel;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The element-wise activation functions, under the names that Hugging Face configs give them. */
public enum ActivationFunction {
    /** x sigmoid(x). */
    SILU("silu", null, List.of("silu", "swish")),
    /** x Phi(x), by the error function. */
    GELU("gelu", "none", List.of("gelu")),
    /** x Phi(x), approximated by a hyperbolic tangent. */
    GELU_TANH("gelu", "tanh", List.of("gelu_new", "gelu_pytorch_tanh", "gelu_fast")),
    /** max(x, 0). */
    RELU("relu", null, List.of("relu"));

    private final String kernel;
    private final String gradientKernel;
    private final @Nullable String approximate;
    private final List<String> names;

    ActivationFunction(String kernel, @Nullable String approximate, List<String> names) {
        this.kernel = kernel;
        this.gradientKernel = kernel + "_gradient";
        this.approximate = approximate;
        this.names = names;
    }

    String kernel() {
        return kernel;
    }

    /** The function of a value in a script that may use the project's kernels, as {@link TokenProgram}'s text may. */
    public String call(String x) {
        return "self." + kernel + "(" + x + (approximate == null ? ")" : ", \"" + approximate + "\")");
    }

    String gradientKernel() {
        return gradientKernel;
    }

    @Nullable
    String approximate() {
        return approximate;
    }

    /**
     * The function with a name of Hugging Face's {@code hidden_act} or {@code activation_function}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static ActivationFunction of(String name) {
        return Arrays.stream(values())
                .filter(f -> f.names.contains(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("unknown activation function \"" + name + "\": expected one of "
                                + Arrays.stream(values())
                                        .flatMap(f -> f.names.stream())
                                        .sorted()
                                        .toList()));
    }
}
