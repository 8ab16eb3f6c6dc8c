package io.github.peft4j.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {

    private static Judged.Classes classes(int[] predicted, int... expected) {
        return Judged.Classes.of(predicted, expected);
    }

    private static Map<String, String> undefined(List<float[]> outputs, int... expected) {
        return Metrics.ofClasses(outputs.get(0).length)
                .of(Judged.Classes.of(outputs, expected))
                .undefined();
    }

    @Test
    void whatPeopleLookAtFirstStandsFirst() {
        Metrics<Judged.Classes> metrics = Metrics.ofClasses(3);
        assertThat(metrics.keys())
                .startsWith("accuracy", "f1_macro", "f1_micro", "matthews_corrcoef")
                .endsWith("roc_auc", "average_precision")
                .doesNotHaveDuplicates();
        assertThat(metrics.of(classes(new int[] {1, 2}, 1, 1)).numbers()).containsEntry("accuracy", 0.5);
    }

    @Test
    void classOneIsTheOneThatCountsOfTwo() {
        assertThat(Metrics.ofClasses(2).keys()).contains("f1", "precision", "recall");
        assertThat(Metrics.ofClasses(3).keys()).doesNotContain("f1", "precision", "recall");
    }

    @Test
    void lessIsBetterOfErrorsAlone() {
        Metrics<Judged.Scores> scores = Metrics.ofScores();
        assertThat(scores.keys().stream().filter(scores::lessIsBetter)).containsExactly("mse", "mae");
        Metrics<Judged.Classes> classes = Metrics.ofClasses(2);
        assertThat(classes.keys()).noneMatch(classes::lessIsBetter);
    }

    @Test
    void confusionHasARowForEachRightClassAndNoneAboveAHundredClasses() {
        assertThat(Judged.Classes.of(
                                List.of(new float[] {0, 1, 0}, new float[] {2, 1, 0}, new float[] {0, 1, 0}),
                                new int[] {1, 0, 0})
                        .confusion())
                .containsExactly(List.of(1L, 1L, 0L), List.of(0L, 1L, 0L), List.of(0L, 0L, 0L));
        assertThat(classes(new int[] {99}, 0).confusion()).hasSize(100);
        assertThat(classes(new int[] {100}, 0).confusion()).isEmpty();
        assertThat(classes(new int[] {Integer.MAX_VALUE}, 0).confusion()).isEmpty();
    }

    @Test
    void whatIsNotDefinedSaysWhy() {
        List<float[]> two = List.of(new float[] {1, 2}, new float[] {2, 1});
        assertThat(undefined(two, 0, 0)).isEqualTo(Map.of("roc_auc", "no row has class 1"));
        assertThat(undefined(two, 1, 1)).isEqualTo(Map.of("roc_auc", "every row has class 1"));
        assertThat(undefined(List.of(new float[] {1, 2, 3}, new float[] {2, 1, 3}), 0, 1))
                .isEqualTo(Map.of("roc_auc", "no row has class 2", "average_precision", "no row has class 2"));
        assertThat(undefined(List.of(new float[] {1, Float.NaN}, new float[] {2, 1}), 0, 1))
                .containsEntry("roc_auc", "an output is not a number");
        assertThat(Metrics.ofClasses(2).of(classes(new int[] {0, 1}, 0, 1)).undefined())
                .containsEntry("roc_auc", "there are no outputs to rank rows by");
        assertThat(Metrics.ofScores()
                        .of(scores(new double[][] {{1}}, new double[][] {{2}}))
                        .undefined())
                .containsEntry("pearsonr", "there is only one row")
                .containsOnlyKeys("pearsonr", "spearmanr", "r2");
        assertThat(Metrics.ofScores()
                        .of(scores(new double[][] {{1e200}, {0}}, new double[][] {{0}, {1}}))
                        .undefined())
                .containsEntry("mse", "it is beyond all numbers");
        assertThat(Metrics.ofTags()
                        .of(Judged.Tags.of(List.of(List.of("O")), List.of(List.of("O"))))
                        .undefined())
                .containsEntry("f1_macro", "there is no entity, predicted or right")
                .doesNotContainKey("f1");
    }

    @Test
    void noRowsAreRefused() {
        assertThatThrownBy(() -> classes(new int[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there are no rows to compare");
        assertThatThrownBy(() -> Judged.Tags.of(List.of(), List.of())).hasMessage("there are no rows to compare");
    }

    @Test
    void asManyPredictionsAsTargetsAreNeeded() {
        assertThatThrownBy(() -> scores(new double[3][1], new double[2][1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "predictions of 3 rows cannot be compared with targets of 2: there must be as many of each");
        assertThatThrownBy(() -> Judged.Labels.of(List.of(), new boolean[2][2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "predictions of 0 rows cannot be compared with targets of 2: there must be as many of each");
    }

    @Test
    void rowsOfUnlikeWidthsAreRefusedWithTheirNumber() {
        assertThatThrownBy(() -> Judged.Labels.of(
                        new boolean[][] {{true, false}, {true}}, new boolean[][] {{true, false}, {true, false}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 1 has 1 predicted and 2 right labels, expected 2 of each as in row 0's target");
        assertThatThrownBy(() -> scores(new double[2][0], new double[2][0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rows have no scores: expected at least one");
        assertThatThrownBy(() -> Judged.Classes.of(List.of(new float[2], new float[3]), new int[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 1 has 3 outputs, expected 2 as in row 0");
        assertThatThrownBy(() -> Judged.Tags.of(List.of(List.of("O", "O")), List.of(List.of("O"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 0 has 2 predicted and 1 right tags: there must be as many of each");
    }

    @Test
    void aLabelThatDoesNotCountIsNoClass() {
        assertThatThrownBy(() -> classes(new int[] {0, 1}, 0, -100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 1 has class 1 predicted and -100 right: classes are numbered from 0");
        assertThatThrownBy(() -> Judged.Classes.of(List.of(new float[2]), new int[] {2}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 0 is of class 2, but has outputs for the classes 0 to 1");
    }

    @Test
    void tagsThatAreNoneAreRefused() {
        List<List<String>> row = List.of(List.of("B-A", ""));
        assertThatThrownBy(() -> Judged.Tags.of(row, row))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 0 has an empty tag: expected O, or B- and a type, say");
        List<List<String>> other = List.of(List.of("O"), List.of("S-A"));
        assertThatThrownBy(() -> Judged.Tags.strictIob2(other, other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row 1 has the tag \"S-A\", expected one that begins with B, I or O");
    }

    @Test
    void aScoreThatIsNotANumberMakesNoneOfAll() {
        Metrics.Found found =
                Metrics.ofScores().of(scores(new double[][] {{Double.NaN}, {1}, {2}}, new double[][] {{0}, {1}, {2}}));
        assertThat(found.numbers().values()).allMatch(value -> value.isNaN());
        assertThat(found.undefined().values()).containsOnly("a score is not a number");
    }

    private static Judged.Scores scores(double[][] predicted, double[][] expected) {
        return new Judged.Scores(List.of(predicted), List.of(expected));
    }
}
