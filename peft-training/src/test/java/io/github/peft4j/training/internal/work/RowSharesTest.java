package io.github.peft4j.training.internal.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowSharesTest {

    /** Rows of these lengths, each with a first token of its own. */
    private static Batch rows(int... lengths) {
        return new Batch(Arrays.stream(lengths)
                .mapToObj(length -> {
                    int[] ids = new int[length];
                    Arrays.fill(ids, length);
                    return new Row(ids, Row.Target.NONE);
                })
                .toList());
    }

    private static List<List<Integer>> shares(Batch batch, int workers, int virtualTokens) {
        return RowShares.of(batch, workers, virtualTokens).stream()
                .map(part -> part.rows().stream().map(Row::length).toList())
                .toList();
    }

    @Test
    void theLongestFirstToWhoeverHasLeastAndInTheOrderOfTheBatch() {
        assertThat(shares(rows(10, 40, 20, 31), 2, 0)).containsExactly(List.of(10, 40), List.of(20, 31));
        assertThat(shares(rows(30, 31, 32), 3, 0)).containsExactly(List.of(32), List.of(31), List.of(30));
    }

    @Test
    void oneRowOrOneWorkerIsNotCut() {
        Batch one = rows(40);
        assertThat(RowShares.of(one, 4, 0)).containsExactly(one);
        Batch two = rows(40, 41);
        assertThat(RowShares.of(two, 1, 0)).containsExactly(two);
    }

    @Test
    void fewerPartsWhereOneRowIsLongerThanTheRest() {
        assertThat(shares(rows(100, 3, 4), 2, 0)).containsExactly(List.of(100, 3, 4));
    }

    @Test
    void aLongOpeningIsComputedOnce() {
        // 40 + 10 + 11 together, against 40 + 11 by one of two.
        assertThat(shares(rows(10, 11), 2, 40)).hasSize(1);
        // 4 + 10 + 11 together, against 4 + 11.
        assertThat(shares(rows(10, 11), 2, 4)).hasSize(2);
        int[] first = new int[50];
        int[] second = new int[51];
        Batch alike = new Batch(List.of(new Row(first, Row.Target.NONE), new Row(second, Row.Target.NONE)));
        assertThat(RowShares.of(alike, 2, 0)).hasSize(1);
        assertThat(RowShares.of(new Batch(alike.rows(), true), 2, 0)).hasSize(2);
    }
}
