package io.github.peft4j.training.internal.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerChoiceTest {

    private static final long PARAMETERS = 135_000_000;

    @ParameterizedTest
    @CsvSource({"1,8,1", "2,1,1", "2,2,2", "2,4,2", "4,4,4", "4,3,3", "4,8,4", "16,8,8", "16,64,8"})
    void asManyAsCoresOnFewCoresButNoMoreThanRows(int cores, int rows, int expected) {
        assertThat(new WorkerChoice(cores, rows, PARAMETERS, 500_000).count()).isEqualTo(expected);
    }

    @Test
    void threeRowsOnTwoCoresTakeAsLongAsFour() {
        // Two rows on one core each, against three one after the other on both: 2 against 3 / 1.44.
        assertThat(new WorkerChoice(2, 3, PARAMETERS, 500_000).count()).isEqualTo(2);
        assertThat(WorkerChoice.gain(2)).isCloseTo(1.44, within(0.01));
    }

    @Test
    void oneForASmallModelAndWhereGradientsTakeMuch() {
        assertThat(new WorkerChoice(2, 4, 1_000_000, 1_000).count()).isEqualTo(1);
        assertThat(new WorkerChoice(2, 4, PARAMETERS, PARAMETERS).count()).isEqualTo(1);
        // Four workers would keep three times the gradients, two keep them once.
        assertThat(new WorkerChoice(4, 4, PARAMETERS, PARAMETERS / 25).count()).isEqualTo(2);
    }
}
