package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LabelledRowsTest {

    private static LabelledRows rows(int[][] labels) {
        return new LabelledRows(List.of(labels), List.of(labels));
    }

    @Test
    void countsWhatACausalModelIsTrainedOn() {
        LabelledRows rows = rows(new int[][] {{5, 6, -100, 7}, {-100, 1}, {4}});
        assertThat(rows.tokens()).isEqualTo(7);
        assertThat(rows.supervisedTokens(false)).isEqualTo(3);
        assertThat(rows.supervisedTokens(true)).isEqualTo(5);
    }

    @Test
    void refusesAnotherNumberOfRows() {
        assertThatThrownBy(() -> new LabelledRows(List.of(new int[1], new int[1]), List.of(new int[1])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 rows of ids, but 1 of labels");
    }

    @Test
    void refusesARowWithAnotherNumberOfLabels() {
        assertThatThrownBy(() -> new LabelledRows(List.of(new int[1], new int[3]), List.of(new int[1], new int[2])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 1 has 3 token ids, but 2 labels");
    }
}
