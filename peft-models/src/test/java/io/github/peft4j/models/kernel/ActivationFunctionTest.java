package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivationFunctionTest {

    @ParameterizedTest
    @CsvSource({
        "silu, SILU",
        "swish, SILU",
        "gelu, GELU",
        "gelu_new, GELU_TANH",
        "gelu_pytorch_tanh, GELU_TANH",
        "gelu_fast, GELU_TANH",
        "relu, RELU"
    })
    void isFoundByTheNamesOfConfigs(String name, ActivationFunction expected) {
        assertThat(ActivationFunction.of(name)).isEqualTo(expected);
    }

    @Test
    void othersAreRefusedWithTheNamesThereAre() {
        assertThatThrownBy(() -> ActivationFunction.of("mish"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown activation function \"mish\": expected one of"
                        + " [gelu, gelu_fast, gelu_new, gelu_pytorch_tanh, relu, silu, swish]");
    }
}
