package io.github.peft4j.models.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RowsTest {

    @Test
    void countsPositionsFromEachRowsPast() {
        Rows rows = new Rows(new int[] {2, 3}, new int[] {0, 5});
        assertThat(rows.count()).isEqualTo(2);
        assertThat(rows.tokens()).isEqualTo(5);
        assertThat(rows.positions()).containsExactly(0, 1, 5, 6, 7);
    }

    @Test
    void countsTokensOfEachRowThatComeRowAfterRow() {
        Rows rows = Rows.of(2, 3, 1, 2);
        assertThat(rows.counts(new long[] {1, 2, 4, 7})).containsExactly(1, 2, 0, 1);
        assertThat(rows.counts(new long[0])).containsExactly(0, 0, 0, 0);
        assertThat(rows.counts(new long[] {2, 1})).isNull();
        assertThat(rows.counts(new long[] {8})).isNull();
    }

    @Test
    void lengthensEveryRow() {
        Rows longer = new Rows(new int[] {2, 3}, new int[] {0, 5}).lengthened(2);
        assertThat(longer.lengths()).containsExactly(4, 5);
        assertThat(longer.past()).containsExactly(0, 5);
    }

    @Test
    void putsRowsAfterFurtherPositions() {
        Rows later = Rows.of(2, 3).after(4);
        assertThat(later.lengths()).containsExactly(2, 3);
        assertThat(later.past()).containsExactly(4, 4);
    }

    @Test
    void rowsBehindAnOpeningGoOnWhereItEnds() {
        Rows rows = Rows.sharedPrefix(3, 2, 1);
        assertThat(rows.sharedPrefix()).isTrue();
        assertThat(rows.tokens()).isEqualTo(6);
        assertThat(rows.positions()).containsExactly(0, 1, 2, 3, 4, 3);
        assertThat(rows.after(4).positions()).containsExactly(4, 5, 6, 7, 8, 7);
        assertThat(rows.lengthened(2).lengths()).containsExactly(5, 2, 1);
        assertThat(rows.lengthened(2).positions()).containsExactly(0, 1, 2, 3, 4, 5, 6, 5);
        assertThat(rows.after(1).lengthened(2).past()).containsExactly(1, 6, 6);
    }

    @Test
    void anOpeningMayComeFromVirtualTokensAlone() {
        assertThat(Rows.sharedPrefix(0, 1, 2).lengthened(2).lengths()).containsExactly(2, 1, 2);
        assertThatThrownBy(() -> Rows.sharedPrefix(2, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rowsThatChooseHaveNoOpening() {
        assertThatThrownBy(() -> Rows.sharedPrefix(1, 1).selecting(RowSelection.of(List.of(List.of(), List.of()))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rows that choose what applies to them cannot share a prefix");
    }

    @Test
    void refusesRowsWithoutTokensAndPastsOfOtherRows() {
        assertThatThrownBy(() -> Rows.of(1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rows need one positive length and one past each, got lengths [1, 0] and past [0, 0]");
        assertThatThrownBy(() -> new Rows(new int[] {1}, new int[] {0, 0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got lengths [1] and past [0, 0]");
    }
}
