package io.github.peft4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MetricsTest {

    private static final Metric<int[]> ROWS = new Metric<>() {
        @Override
        public String key() {
            return "rows";
        }

        @Override
        public double of(int[] predicted, int[] expected) {
            return expected.length;
        }
    };

    @Test
    void aMetricOfOnesOwnStandsBehindTheOthers() {
        Metrics<int[]> metrics = Metrics.ofClasses().and(ROWS);
        assertThat(metrics.keys()).containsExactly("accuracy", "f1_macro", "f1_micro", "matthews_corrcoef", "rows");
        assertThat(metrics.of(new int[] {1, 2}, new int[] {1, 1}))
                .containsEntry("rows", 2.0)
                .containsEntry("accuracy", 0.5);
    }

    @Test
    void twoMetricsOfOneKeyAreRefused() {
        assertThatThrownBy(() -> Metrics.ofClasses().and(ROWS, ROWS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("more than one metric has the key rows: each needs its own");
    }

    @Test
    void noRowsAreRefused() {
        assertThatThrownBy(() -> Metrics.ofClasses().of(new int[0], new int[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there are no rows to compare");
    }

    @Test
    void asManyPredictionsAsTargetsAreNeeded() {
        assertThatThrownBy(() -> Metrics.ofScores().of(new double[3][1], new double[2][1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "predictions of 3 rows cannot be compared with targets of 2: there must be as many of each");
    }

    @Test
    void rowsOfUnlikeWidthsAreRefusedWithTheirNumber() {
        assertThatThrownBy(() -> Metrics.ofLabels().of(new boolean[][] {{true, false}, {true}}, new boolean[][] {
                    {true, false}, {true, false}
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 1 has 1 predicted and 2 right labels, expected 2 of each as in row 0's target");
        assertThatThrownBy(() -> Metrics.ofScores().of(new double[2][0], new double[2][0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rows have no scores: expected at least one");
    }

    @Test
    void aLabelThatDoesNotCountIsNoClass() {
        assertThatThrownBy(() -> Metrics.ofClasses().of(new int[] {0, 1}, new int[] {0, -100}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 1 has class 1 predicted and -100 right: classes are numbered from 0");
    }

    @Test
    void aScoreThatIsNotANumberMakesNoneOfAll() {
        double[][] predicted = {{Double.NaN}, {1}, {2}};
        assertThat(Metrics.ofScores()
                        .of(predicted, new double[][] {{0}, {1}, {2}})
                        .values())
                .allMatch(value -> value.isNaN());
    }
}
