package io.github.peft4j.training.batch.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.config.TrainingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RowBatchesTest {

    private static final TrainingConfig IN_ORDER =
            TrainingConfig.builder().batchSize(4).shuffle(false).build();
    private static final TrainingConfig SHUFFLED =
            TrainingConfig.builder().batchSize(4).build();

    private static List<Row> rows(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Row.of(new int[] {i, i + 1}, new int[] {i, i + 1}))
                .toList();
    }

    private static List<Row> labelled(int[]... rows) {
        return Arrays.stream(rows).map(ids -> Row.of(ids, ids)).toList();
    }

    private static List<Integer> pass(RowBatches source, long epoch) {
        List<Integer> numbers = new ArrayList<>();
        for (long i = 0; i < source.batches(epoch); i++) {
            for (int number : source.batch(epoch, i).numbers()) {
                numbers.add(number);
            }
        }
        return numbers;
    }

    @Test
    void withoutShufflingRowsComeInTheirOrderAndTheLastBatchIsSmaller() {
        RowBatches batches = new RowBatches(rows(10), IN_ORDER);
        assertThat(batches.batches(0)).isEqualTo(3);
        assertThat(pass(batches, 5)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(batches.batch(0, 2).numbers()).containsExactly(8, 9);
        assertThat(batches.batch(0, 2).rows().tokenIds().get(1)).containsExactly(9, 10);
    }

    static IntStream seeds() {
        return IntStream.range(0, 50);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shufflingTakesEveryRowOnceAndEveryPassDifferently(int seed) {
        RowBatches batches =
                new RowBatches(rows(23), SHUFFLED.toBuilder().seed(seed).build());
        assertThat(pass(batches, 0)).hasSize(23).doesNotHaveDuplicates();
        assertThat(pass(batches, 1)).hasSize(23).doesNotHaveDuplicates().isNotEqualTo(pass(batches, 0));
    }

    @Test
    void theSamePlaceHoldsTheSameRowsWhateverWasReadBefore() {
        RowBatches one = new RowBatches(rows(23), SHUFFLED);
        RowBatches other = new RowBatches(rows(23), SHUFFLED);
        pass(one, 0);
        pass(one, 7);
        assertThat(one.batch(3, 2).numbers()).containsExactly(other.batch(3, 2).numbers());
        assertThat(one.batch(0, 1).numbers()).containsExactly(other.batch(0, 1).numbers());
    }

    @Test
    void theFingerprintTellsIdsLabelsAndBordersApart() {
        List<Row> data = labelled(new int[] {1, 2}, new int[] {3});
        List<Row> otherLabel = List.of(Row.of(new int[] {1, 2}, new int[] {1, -100}), data.get(1));
        List<Row> otherBorder = labelled(new int[] {1}, new int[] {2, 3});
        String print = new RowBatches(data, IN_ORDER).fingerprint();
        assertThat(print).startsWith("2 rows, sha256 ");
        assertThat(new RowBatches(otherLabel, IN_ORDER).fingerprint()).isNotEqualTo(print);
        assertThat(new RowBatches(otherBorder, IN_ORDER).fingerprint()).isNotEqualTo(print);
        assertThat(new RowBatches(data, SHUFFLED).fingerprint()).isEqualTo(print);
    }

    @Test
    void theFingerprintTellsTextsThatAreWeighedAgainstEachOtherApart() {
        List<Row.Target> targets = List.of(
                new Row.Target.Preference(new int[] {1}, new int[] {2, 3}),
                new Row.Target.Preference(new int[] {1, 2}, new int[] {3}),
                new Row.Target.Contrast(new int[] {2}, List.of()),
                new Row.Target.Contrast(new int[] {2}, List.of(new int[] {3})),
                new Row.Target.Contrast(new int[] {2, 3}, List.of()),
                new Row.Target.Similarity(new int[] {2}, 0.5f),
                new Row.Target.Similarity(new int[] {2}, 0.75f));
        assertThat(targets.stream()
                        .map(target -> new RowBatches(List.of(new Row(new int[] {1}, target)), IN_ORDER).fingerprint()))
                .doesNotHaveDuplicates();
    }

    @Test
    void noRowsAndEmptyRowsAreRefused() {
        assertThatThrownBy(() -> new RowBatches(rows(0), IN_ORDER)).hasMessage("there are no rows");
        List<int[]> empty = List.of(new int[] {1}, new int[0]);
        assertThatThrownBy(() -> Batch.of(empty, empty)).hasMessage("row 1: a row needs at least one token");
    }

    @Test
    void equalRowsKeepTheirOwnNumbers() {
        List<Row> same = labelled(new int[] {1, 2}, new int[] {1, 2}, new int[] {1, 2});
        assertThat(pass(new RowBatches(same, SHUFFLED), 0)).containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    void aPlaceBeyondThePassIsRefused() {
        RowBatches batches = new RowBatches(rows(10), IN_ORDER);
        assertThatThrownBy(() -> batches.batch(0, 3))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("no batch 3 in epoch 0: an epoch has 3 batches");
    }

    @Test
    void aMicroBatchNeedsANumberForEachRow() {
        assertThatThrownBy(() -> new BatchSource.MicroBatch(new Batch(rows(2)), new int[] {1}))
                .hasMessage("a micro-batch needs at least one row and a number for each, got 2 rows and 1 numbers");
    }
}
