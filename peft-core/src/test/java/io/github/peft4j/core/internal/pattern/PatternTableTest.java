package io.github.peft4j.core.internal.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PatternTableTest {

    private static final List<String> PATHS =
            List.of("model.layers.0.self_attn.q_proj", "model.layers.1.self_attn.v_proj", "lm_head");

    private static PatternTable<Integer> table(String... keys) {
        Map<String, Integer> values = new LinkedHashMap<>();
        for (String key : keys) {
            values.put(key, values.size());
        }
        return PatternTable.of(values);
    }

    @Test
    void theFirstKeyThatMatchesCounts() {
        PatternTable<Integer> table = table("layers.0.self_attn.q_proj", "q_proj", ".*");
        assertThat(table.get("model.layers.0.self_attn.q_proj", 9)).isZero();
        assertThat(table.get("model.layers.1.self_attn.q_proj", 9)).isEqualTo(1);
        assertThat(table.get("lm_head", 9)).isEqualTo(2);
    }

    @Test
    void aModuleThatNoKeyMatchesGetsTheOrdinaryValue() {
        assertThat(table("q_proj").get("x.kq_proj", 8)).isEqualTo(8);
        assertThat(table("^lm_head").find("model.lm_head")).isEmpty();
        assertThat(table("^model.lm_head").find("model.lm_head")).contains(0);
    }

    @Test
    void keysThatMatchNothingAreKnown() {
        assertThat(table(".*", "q_proj", "k_proj", "layers.1").unmatched(PATHS)).containsExactly("k_proj", "layers.1");
    }

    @Test
    void theValuesComeBackInOrder() {
        assertThat(table("b", "a").values()).containsExactly(Map.entry("b", 0), Map.entry("a", 1));
    }

    @Test
    void anInvalidKeyIsRefused() {
        assertThatThrownBy(() -> table("(q"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("\"(.*\\.)?((q)$\" is no valid regular expression of Python");
    }

    @Test
    void aKeyThatNeverEndsIsStopped() {
        PatternTable<Integer> table = table("((.|..)+)\\1Q");
        assertThatThrownBy(() -> table.find("model.".repeat(20), new Steps(100_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("takes too long");
    }
}
