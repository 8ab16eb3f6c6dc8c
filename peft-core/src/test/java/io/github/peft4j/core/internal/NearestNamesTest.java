package io.github.peft4j.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NearestNamesTest {

    @ParameterizedTest
    @CsvSource({"a, a, 0", "'', abc, 3", "abc, '', 3", "q_proj, k_proj, 1", "qproj, q_proj, 1", "abc, cba, 2"})
    void theDistanceIsTheNumberOfChangedLetters(String one, String other, int distance) {
        assertThat(NearestNames.distance(one, other)).isEqualTo(distance);
    }

    @Test
    void theNearestComeFirstAndNoneThatIsFar() {
        assertThat(NearestNames.to("lora_alfa", List.of("r", "lora_alpha", "lora_alpa", "lora_dropout", "bias")))
                .containsExactly("lora_alpa", "lora_alpha");
        assertThat(NearestNames.to("completely_other", List.of("r", "bias"))).isEmpty();
    }

    @Test
    void aNamePartOfAnotherIsNear() {
        assertThat(NearestNames.to("query_key_value_long", List.of("query", "x")))
                .containsExactly("query");
    }

    @Test
    void theQuestionNamesThem() {
        assertThat(NearestNames.question("rr", List.of("r", "bias"))).isEqualTo("; did you mean r?");
        assertThat(NearestNames.question("xyzxyz", List.of("bias"))).isEmpty();
    }
}
