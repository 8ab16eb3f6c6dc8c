package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationFunctionTest {

    private static final String KNOWN =
            "expected one of [gelu, gelu_10, gelu_accurate, gelu_fast, gelu_new, gelu_python, gelu_python_tanh,"
                    + " gelu_pytorch_tanh, hardswish, laplace, leaky_relu, linear, mish, quick_gelu, relu, relu2, relu6,"
                    + " sigmoid, silu, sqrtsoftplus, swish, tanh]";

    @ParameterizedTest
    @CsvSource({
        "silu, SILU",
        "swish, SILU",
        "gelu, GELU",
        "gelu_python, GELU",
        "gelu_new, GELU_TANH",
        "gelu_pytorch_tanh, GELU_TANH",
        "gelu_python_tanh, GELU_TANH",
        "gelu_fast, GELU_TANH",
        "gelu_accurate, GELU_TANH",
        "gelu_10, CLIPPED_GELU",
        "quick_gelu, QUICK_GELU",
        "relu, RELU",
        "relu2, SQUARED_RELU",
        "relu6, RELU6",
        "leaky_relu, LEAKY_RELU",
        "mish, MISH",
        "hardswish, HARD_SWISH",
        "tanh, TANH",
        "sigmoid, SIGMOID",
        "sqrtsoftplus, SQRT_SOFTPLUS",
        "laplace, LAPLACE",
        "linear, LINEAR"
    })
    void isFoundByTheNamesOfConfigs(String name, ActivationFunction expected) {
        assertThat(ActivationFunction.of(name)).isEqualTo(expected);
    }

    @Test
    void othersAreRefusedWithTheNamesThereAre() {
        assertThatThrownBy(() -> ActivationFunction.of("sillu"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown activation function \"sillu\": " + KNOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"prelu", "xielu"})
    void thoseWithWeightsOfTheirOwnAreRefusedAsSuch(String name) {
        assertThatThrownBy(() -> ActivationFunction.of(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the activation function \"" + name
                        + "\" has weights of its own, which is not implemented: " + KNOWN);
    }
}
