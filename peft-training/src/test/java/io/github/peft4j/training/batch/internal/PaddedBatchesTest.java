package io.github.peft4j.training.batch.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.config.TrainingConfig;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaddedBatchesTest {

    private final List<Row> rows = Batch.of(
                    List.of(new int[] {5, 6, 7}, new int[] {8}, new int[] {9, 10}),
                    List.of(new int[] {-100, 6, 7}, new int[] {8}, new int[] {9, 10}))
            .rows();

    private final TrainingConfig config =
            TrainingConfig.builder().batchSize(2).shuffle(false).build();

    private final PaddedBatches padded = new PaddedBatches(new RowBatches(rows, config));

    @Test
    void rowsAreAsLongAsTheLongestOfTheirBatch() throws IOException {
        assertThat(padded.batch(0, 0).rows().tokenIds())
                .usingElementComparator(java.util.Arrays::compare)
                .containsExactly(new int[] {5, 6, 7}, new int[] {8, 0, 0});
        assertThat(padded.batch(0, 1).rows().tokenIds())
                .usingElementComparator(java.util.Arrays::compare)
                .containsExactly(new int[] {9, 10});
    }

    @Test
    void paddingIsNotSupervised() throws IOException {
        assertThat(((Row.Target.NextTokens)
                                padded.batch(0, 0).rows().rows().get(1).target())
                        .labels())
                .containsExactly(8, -100, -100);
    }

    /** Or the model would leave it out again. */
    @Test
    void rowsSayThatTheyArePadded() throws IOException {
        assertThat(padded.batch(0, 0).rows().padded()).isTrue();
        assertThat(new RowBatches(rows, config).batch(0, 0).rows().padded()).isFalse();
    }

    @Test
    void paddingIsNotCounted() throws IOException {
        assertThat(padded.batch(0, 0).tokens()).isEqualTo(4);
    }

    @Test
    void theDataIsTheSame() throws IOException {
        assertThat(padded.batches(0)).isEqualTo(2);
        assertThat(padded.fingerprint()).isEqualTo(new RowBatches(rows, config).fingerprint());
        assertThat(padded.batch(0, 0).numbers()).containsExactly(0, 1);
    }
}
