package io.github.peft4j.training.batch.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row once an epoch, in an order that can be had again, from anywhere. */
class BatchOrderTest {

    private static BatchOrder inOrder(int count, int size) {
        return new BatchOrder(count, i -> 1, new BatchOrder.Cut(size, 0, 0, false, 0));
    }

    private static BatchOrder shuffled(int count, int size, long seed) {
        return new BatchOrder(count, i -> 1, new BatchOrder.Cut(size, 0, 0, true, seed));
    }

    private static List<Integer> epoch(BatchOrder batches, long epoch) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < batches.batches(epoch); i++) {
            for (int number : batches.batch(epoch, i)) {
                ids.add(number);
            }
        }
        return ids;
    }

    static List<Integer> seeds() {
        return IntStream.range(0, 200).boxed().toList();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void takes_every_row_once_an_epoch(int seed) {
        Random random = new Random(seed);
        int count = 1 + random.nextInt(50);
        int size = 1 + random.nextInt(12);
        BatchOrder batches = shuffled(count, size, random.nextLong());

        List<Integer> ids = epoch(batches, random.nextInt(5));
        Collections.sort(ids);

        assertThat(ids).isEqualTo(IntStream.range(0, count).boxed().toList());
        assertThat(batches.batches(0)).isEqualTo((count + size - 1) / size);
        assertThat(batches.batch(0, batches.batches(0) - 1)).hasSize(count - size * (batches.batches(0) - 1));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void makes_any_batch_without_those_before(int seed) {
        Random random = new Random(seed);
        BatchOrder whole = shuffled(37, 5, seed);
        int epoch = random.nextInt(9);
        int index = random.nextInt(whole.batches(0));
        IntStream.range(0, whole.batches(0)).forEach(i -> whole.batch(epoch, i));

        assertThat(shuffled(37, 5, seed).batch(epoch, index)).containsExactly(whole.batch(epoch, index));
    }

    @Test
    void keeps_the_order_that_a_seed_has_had_from_the_first_version_on() {
        BatchOrder batches = shuffled(10, 4, 42);

        assertThat(epoch(batches, 0)).containsExactly(0, 3, 5, 7, 9, 8, 2, 1, 4, 6);
        assertThat(epoch(batches, 1)).containsExactly(6, 5, 1, 4, 7, 3, 2, 9, 8, 0);
        assertThat(epoch(shuffled(10, 4, 43), 0)).containsExactly(2, 5, 1, 3, 9, 7, 6, 8, 0, 4);
    }

    @Test
    void takes_every_order_equally_often() {
        Map<List<Integer>, Integer> counts = new HashMap<>();
        for (int seed = 0; seed < 600; seed++) {
            BatchOrder batches = shuffled(3, 3, seed);
            for (int epoch = 0; epoch < 10; epoch++) {
                counts.merge(epoch(batches, epoch), 1, Integer::sum);
            }
        }

        // 1000 each with a standard deviation of 29.
        assertThat(counts)
                .hasSize(6)
                .allSatisfy((order, count) -> assertThat(count).isBetween(870, 1130));
    }

    @Test
    void keeps_the_order_of_the_file_where_it_is_not_to_shuffle() {
        BatchOrder batches = inOrder(5, 2);

        assertThat(epoch(batches, 0)).containsExactly(0, 1, 2, 3, 4);
        assertThat(epoch(batches, 7)).containsExactly(0, 1, 2, 3, 4);
        assertThat(batches.batch(0, 2)).hasSize(1);
    }

    @Test
    void refuses_what_it_cannot_make_batches_of() {
        assertThatThrownBy(() -> inOrder(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there are no rows");
        assertThatThrownBy(() -> shuffled(1, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the batch size must be at least 1, got 0");
    }

    @Test
    void refuses_batches_that_there_are_not() {
        BatchOrder batches = inOrder(5, 2);

        for (long[] at : new long[][] {{-1, 0}, {0, -1}, {3, 3}}) {
            assertThatThrownBy(() -> batches.batch(at[0], (int) at[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("no batch " + at[1] + " in epoch " + at[0] + ": an epoch has 3 batches");
        }
    }

    @Test
    void takes_batches_larger_than_all() {
        assertThat(inOrder(5, Integer.MAX_VALUE).batch(0, 0)).hasSize(5);
    }

    /** Of rows with lengths from 1 to 90. */
    private static int length(int row) {
        return 1 + (row * 37) % 90;
    }

    private static BatchOrder byTokens(int count, long tokens, int grouped, long seed) {
        return new BatchOrder(count, BatchOrderTest::length, new BatchOrder.Cut(8, tokens, grouped, true, seed));
    }

    private static int tokens(int[] batch) {
        return IntStream.of(batch).map(BatchOrderTest::length).sum();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void fills_batches_with_tokens_as_far_as_the_next_row_goes_in(int seed) {
        BatchOrder batches = byTokens(301, 120, seed % 3, seed);
        for (long epoch = 0; epoch < 2; epoch++) {
            List<Integer> all = epoch(batches, epoch);
            for (int i = 0; i < batches.batches(epoch); i++) {
                int[] batch = batches.batch(epoch, i);
                assertThat(tokens(batch)).isBetween(1, 120);
                if (i + 1 < batches.batches(epoch)) {
                    assertThat(tokens(batch) + length(batches.batch(epoch, i + 1)[0]))
                            .isGreaterThan(120);
                }
            }
            Collections.sort(all);
            assertThat(all).isEqualTo(IntStream.range(0, 301).boxed().toList());
        }
    }

    @Test
    void gives_a_row_that_is_longer_than_a_batch_one_of_its_own() {
        BatchOrder batches = new BatchOrder(4, i -> i == 2 ? 50 : 4, new BatchOrder.Cut(1, 8, 0, false, 0));
        assertThat(batches.batches(0)).isEqualTo(3);
        assertThat(batches.batch(0, 0)).containsExactly(0, 1);
        assertThat(batches.batch(0, 1)).containsExactly(2);
        assertThat(batches.batch(0, 2)).containsExactly(3);
    }

    @Test
    void fills_the_batches_of_an_epoch_with_the_rows_of_its_own_order() {
        assertThat(epoch(byTokens(50, 200, 0, 42), 3)).isEqualTo(epoch(shuffled(50, 7, 42), 3));
    }

    /** What transformers' get_length_grouped_indices does with the same random order: its megabatches here are of 2 * 3 * 4 rows. */
    @Test
    void sorts_the_rows_of_some_steps_by_length_with_the_longest_of_all_first() {
        int count = 100;
        BatchOrder grouped = new BatchOrder(count, BatchOrderTest::length, new BatchOrder.Cut(2, 0, 3, true, 42));
        List<Integer> random = epoch(shuffled(count, 2, 42), 5);
        List<Integer> expected = new ArrayList<>();
        for (int start = 0; start < count; start += 24) {
            List<Integer> some = new ArrayList<>(random.subList(start, Math.min(count, start + 24)));
            some.sort((a, b) -> Integer.compare(length(b), length(a)));
            expected.addAll(some);
        }
        int longest = IntStream.range(0, count)
                .map(i -> length(expected.get(i)))
                .max()
                .getAsInt();
        int at = IntStream.range(0, count)
                .filter(i -> length(expected.get(i)) == longest)
                .findFirst()
                .getAsInt();
        Collections.swap(expected, 0, at);

        assertThat(epoch(grouped, 5)).isEqualTo(expected);
    }

    @Test
    void wastes_less_on_padding_where_rows_are_grouped() {
        assertThat(padding(byTokens(4000, 0, 1, 7))).isLessThan(padding(byTokens(4000, 0, 0, 7)) / 5);
    }

    private static int padding(BatchOrder batches) {
        int padding = 0;
        for (int i = 0; i < batches.batches(0); i++) {
            int[] batch = batches.batch(0, i);
            int longest = IntStream.of(batch).map(BatchOrderTest::length).max().getAsInt();
            padding += longest * batch.length - tokens(batch);
        }
        return padding;
    }
}
