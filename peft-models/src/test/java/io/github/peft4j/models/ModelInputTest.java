package io.github.peft4j.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.nn.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelInputTest {

    @Test
    void laysRowsEndToEnd() {
        ModelInput input = ModelInput.of(List.of(new int[] {1, 2, 3}, new int[] {4}));
        assertThat(input.tokenIds()).containsExactly(1, 2, 3, 4);
        assertThat(input.rows().lengths()).containsExactly(3, 1);
        assertThat(input.rows().past()).containsExactly(0, 0);
        assertThat(input.virtualTokenCount()).isZero();
        assertThat(input.pastKeyValueCount()).isZero();
    }

    @Test
    void leavesOutPaddingWhereverItStands() {
        ModelInput input = ModelInput.ofPadded(
                new int[][] {{0, 0, 5, 6}, {7, 8, 0, 0}, {0, 9, 0, 10}},
                new int[][] {{0, 0, 1, 1}, {1, 1, 0, 0}, {0, 1, 0, 1}});
        assertThat(input.tokenIds()).containsExactly(5, 6, 7, 8, 9, 10);
        assertThat(input.rows().lengths()).containsExactly(2, 2, 2);
    }

    @Test
    void refusesMasksOfAnotherShape() {
        assertThatThrownBy(() -> ModelInput.ofPadded(new int[2][3], new int[1][3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a batch of 2 rows of token ids, but 1 rows of attention mask");
        assertThatThrownBy(() -> ModelInput.ofPadded(new int[][] {{1, 2}}, new int[][] {{1}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 0 has 2 token ids, but a mask of 1");
    }

    @Test
    void refusesARowOfPaddingAlone() {
        assertThatThrownBy(() -> ModelInput.ofPadded(new int[][] {{1}, {2}}, new int[][] {{1}, {0}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 1 is all padding: leave it out of the batch");
    }

    @Test
    void refusesRowsThatDoNotHoldAllIds() {
        assertThatThrownBy(() -> new ModelInput(new int[3], Rows.of(1, 1), null, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rows of 2 tokens in all, got 3 token ids");
    }

    @Test
    void takesTheTypesOfRowsThatHaveThem() {
        Row typed = new Row(new int[] {4, 5}, new int[] {0, 1}, Row.Target.NONE);
        Row plain = new Row(new int[] {6}, Row.Target.NONE);
        assertThat(ModelInput.ofRows(List.of(plain, typed)).tokenTypes()).containsExactly(0, 0, 1);
        assertThat(ModelInput.ofRows(List.of(plain, plain)).tokenTypes()).isEmpty();
        assertThatThrownBy(() -> new ModelInput(new int[1], new int[2], Rows.of(1), null, List.of()))
                .hasMessage("1 token ids in all, got 2 token types");
    }
}
