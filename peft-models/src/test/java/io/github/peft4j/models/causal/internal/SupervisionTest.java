package io.github.peft4j.models.causal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.batch.Batch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SupervisionTest {

    /** Rows whose ids are their labels, and 100 where those are ignored. */
    private static Batch rows(int[][] labels) {
        return Batch.of(
                Stream.of(labels)
                        .map(row -> Arrays.stream(row).map(Math::abs).toArray())
                        .toList(),
                List.of(labels));
    }

    @Test
    void predictsEachTokenFromTheOneBefore() {
        Supervision supervision = Supervision.of(rows(new int[][] {{5, 6, -100, 7}, {8, 9}}), 0, false);
        assertThat(supervision.sources()).containsExactly(0, 2, 3);
        assertThat(supervision.targets()).containsExactly(6, 7, 9);
        assertThat(supervision.count()).isEqualTo(3);
    }

    @Test
    void predictsTheFirstTokenFromTheLastVirtualOne() {
        Supervision supervision = Supervision.of(rows(new int[][] {{5, -100}, {-100, 9}, {3}}), 2, false);
        assertThat(supervision.sources()).containsExactly(1, 5, 7);
        assertThat(supervision.targets()).containsExactly(5, 9, 3);
    }

    @Test
    void endsRowsWhereTheLastSupervisedTokenIsPredicted() {
        Supervision supervision =
                Supervision.of(rows(new int[][] {{5, 6, 7, -100, -100}, {-100, -100}, {-100, 9, 8}}), 0, true);
        assertThat(supervision.input().tokenIds()).containsExactly(5, 6, 100, 9);
        assertThat(supervision.input().rows().lengths()).containsExactly(2, 2);
        assertThat(supervision.sources()).containsExactly(0, 1, 2, 3);
        assertThat(supervision.targets()).containsExactly(6, 7, 9, 8);
    }

    @Test
    void keepsOneTokenOfRowsOfWhichOnlyTheFirstIsSupervised() {
        Supervision supervision = Supervision.of(rows(new int[][] {{5, -100}}), 2, true);
        assertThat(supervision.input().tokenIds()).containsExactly(5);
        assertThat(supervision.sources()).containsExactly(1);
    }

    @Test
    void computesPaddedRowsAsTheyStand() {
        Batch rows = rows(new int[][] {{5, 6, -100}, {-100, -100, -100}});
        Supervision supervision = Supervision.of(new Batch(rows.rows(), true), 30, true);
        assertThat(supervision.input().rows().sharedPrefix()).isFalse();
        assertThat(supervision.input().rows().lengths()).containsExactly(3, 3);
        assertThat(supervision.sources()).containsExactly(29, 30);
    }

    @Test
    void computesOnceWhatRowsBeginWith() {
        int[][] labels = new int[3][];
        for (int row = 0; row < 3; row++) {
            labels[row] = IntStream.concat(IntStream.range(0, 10), IntStream.of(20 + row, 30))
                    .toArray();
        }
        labels[2] = Arrays.copyOf(labels[2], 11);
        Supervision opened = Supervision.of(rows(labels), 0, true);
        assertThat(opened.input().rows().sharedPrefix()).isTrue();
        assertThat(opened.input().rows().lengths()).containsExactly(9, 2, 2, 1);
        assertThat(opened.input().tokenIds()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 9, 21, 9);
        assertThat(opened.sources())
                .containsExactly(
                        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8,
                        13);
        assertThat(opened.targets())
                .startsWith(1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 30, 1)
                .endsWith(9, 22);
        assertThat(Supervision.of(rows(labels), 0, false).input().rows().lengths())
                .containsExactly(11, 11, 10);
    }

    @Test
    void computesVirtualTokensOnceThoughRowsDiffer() {
        Supervision opened = Supervision.of(rows(new int[][] {{5, 6}, {7, 8}}), 16, true);
        assertThat(opened.input().rows().lengths()).containsExactly(0, 1, 1);
        assertThat(opened.sources()).containsExactly(15, 16, 15, 17);
        assertThat(Supervision.of(rows(new int[][] {{5, 6}, {7, 8}}), 15, true)
                        .input()
                        .rows()
                        .sharedPrefix())
                .as("sparing too few tokens")
                .isFalse();
    }

    @Test
    void refusesLabelsOutsideTheVocabulary() {
        Supervision.of(rows(new int[][] {{1, 9, 0}}), 0, false).requireBelow(10);
        Supervision supervision = Supervision.of(rows(new int[][] {{1, 10}}), 0, false);
        assertThatThrownBy(() -> supervision.requireBelow(10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("label 10 is not in the vocabulary of 10 tokens; tokens that are not supervised have the"
                        + " label -100");
    }

    @Test
    void countsWhatACausalModelIsTrainedOn() {
        Batch rows = rows(new int[][] {{5, 6, -100, 7}, {-100, 1}, {4}});
        assertThat(Supervision.count(rows, 0)).isEqualTo(3);
        assertThat(Supervision.count(rows, 4)).isEqualTo(5);
    }
}
