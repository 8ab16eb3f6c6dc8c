package io.github.peft4j.core.internal.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NearestNamesTest {

    @ParameterizedTest
    @CsvSource({
        "a, a, 0",
        "'', abc, 3",
        "abc, '', 3",
        "q_proj, k_proj, 1",
        "qproj, q_proj, 1",
        "abc, cba, 2",
        "trian, train, 1"
    })
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
        assertThat(NearestNames.question("rr", List.of("r", "bias"))).isEqualTo("did you mean r?");
        assertThat(NearestNames.question("x_proj", List.of("q_proj", "k_proj", "v_proj", "o_proj")))
                .isEqualTo("did you mean k_proj, o_proj or q_proj?");
        assertThat(NearestNames.question("xyzxyz", List.of("bias"))).isEmpty();
    }

    @ParameterizedTest(name = "{0} may mean {1}")
    @CsvSource({
        "--lr, --learning-rate",
        "--bs, --batch-size",
        "--out, --output",
        "-o, --output",
        "--LEARNING_RATE, --learning-rate",
        "--per_device_train_batch_size, --batch-size",
        "--num-train-epochs, --epochs",
        "--max-tokens, --max-new-tokens",
        "--epoch, --epochs",
    })
    void abbreviationsAndOtherWordsForItAreNear(String wanted, String meant) {
        List<String> known = List.of(
                "--learning-rate", "--batch-size", "--output", "--epochs", "--max-new-tokens", "--seed", "--quantize");
        assertThat(NearestNames.to(wanted, known)).first().isEqualTo(meant);
    }

    @Test
    void oneLetterIsNotNearToAnother() {
        assertThat(NearestNames.to("-x", List.of("-h", "-V"))).isEmpty();
        assertThat(NearestNames.to("-v", List.of("-h", "-V"))).containsExactly("-V");
    }

    @Test
    void aTextOfAnyLengthIsLookedAt() {
        assertThat(NearestNames.to("r".repeat(1_000_000), List.of("r", "bias"))).isEmpty();
    }
}
