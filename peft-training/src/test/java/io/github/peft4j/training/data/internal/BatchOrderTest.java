package io.github.peft4j.training.data.internal;

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

    private static List<Integer> epoch(BatchOrder batches, long epoch) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < batches.perEpoch(); i++) {
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
        BatchOrder batches = BatchOrder.shuffled(count, size, random.nextLong());

        List<Integer> ids = epoch(batches, random.nextInt(5));
        Collections.sort(ids);

        assertThat(ids).isEqualTo(IntStream.range(0, count).boxed().toList());
        assertThat(batches.perEpoch()).isEqualTo((count + size - 1) / size);
        assertThat(batches.batch(0, batches.perEpoch() - 1)).hasSize(count - size * (batches.perEpoch() - 1));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void makes_any_batch_without_those_before(int seed) {
        Random random = new Random(seed);
        BatchOrder whole = BatchOrder.shuffled(37, 5, seed);
        int epoch = random.nextInt(9);
        int index = random.nextInt(whole.perEpoch());
        IntStream.range(0, whole.perEpoch()).forEach(i -> whole.batch(epoch, i));

        assertThat(BatchOrder.shuffled(37, 5, seed).batch(epoch, index)).containsExactly(whole.batch(epoch, index));
    }

    @Test
    void keeps_the_order_that_a_seed_has_had_from_the_first_version_on() {
        BatchOrder batches = BatchOrder.shuffled(10, 4, 42);

        assertThat(epoch(batches, 0)).containsExactly(0, 3, 5, 7, 9, 8, 2, 1, 4, 6);
        assertThat(epoch(batches, 1)).containsExactly(6, 5, 1, 4, 7, 3, 2, 9, 8, 0);
        assertThat(epoch(BatchOrder.shuffled(10, 4, 43), 0)).containsExactly(2, 5, 1, 3, 9, 7, 6, 8, 0, 4);
    }

    @Test
    void takes_every_order_equally_often() {
        Map<List<Integer>, Integer> counts = new HashMap<>();
        for (int seed = 0; seed < 600; seed++) {
            BatchOrder batches = BatchOrder.shuffled(3, 3, seed);
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
        BatchOrder batches = BatchOrder.inOrder(5, 2);

        assertThat(epoch(batches, 0)).containsExactly(0, 1, 2, 3, 4);
        assertThat(epoch(batches, 7)).containsExactly(0, 1, 2, 3, 4);
        assertThat(batches.batch(0, 2)).hasSize(1);
    }

    @Test
    void refuses_what_it_cannot_make_batches_of() {
        assertThatThrownBy(() -> BatchOrder.inOrder(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there are no rows");
        assertThatThrownBy(() -> BatchOrder.shuffled(1, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the batch size must be at least 1, got 0");
    }

    @Test
    void refuses_batches_that_there_are_not() {
        BatchOrder batches = BatchOrder.inOrder(5, 2);

        for (long[] at : new long[][] {{-1, 0}, {0, -1}, {3, 3}}) {
            assertThatThrownBy(() -> batches.batch(at[0], (int) at[1]))
                    .isInstanceOf(IndexOutOfBoundsException.class)
                    .hasMessage("no batch " + at[1] + " in epoch " + at[0] + ": an epoch has 3 batches");
        }
    }

    @Test
    void takes_batches_larger_than_all() {
        assertThat(BatchOrder.inOrder(5, Integer.MAX_VALUE).batch(0, 0)).hasSize(5);
    }
}
