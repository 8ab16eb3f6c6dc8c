package io.github.peft4j.models.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrecisionTest {

    @ParameterizedTest
    @EnumSource(Precision.class)
    void isFoundByNameAndByNumber(Precision precision) {
        assertThat(Precision.of(precision.text())).isEqualTo(precision);
        assertThat(Precision.of("torch." + precision.text())).isEqualTo(precision);
        assertThat(Precision.of(precision.name())).isEqualTo(precision);
        assertThat(Precision.ofCode(precision.code())).isEqualTo(precision);
        assertThat(precision.bytes()).isEqualTo(precision == Precision.FLOAT32 ? 4 : 2);
    }

    @Test
    void othersAreRefusedByName() {
        assertThatThrownBy(() -> Precision.of("float64"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown dtype \"float64\": expected one of float32, bfloat16, float16");
        assertThatThrownBy(() -> Precision.ofCode(7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "an array of engine dtype 7 cannot be computed with: expected float32, bfloat16 or float16");
    }
}
