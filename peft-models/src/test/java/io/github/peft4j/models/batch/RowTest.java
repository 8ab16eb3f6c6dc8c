package io.github.peft4j.models.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a row must be. */
class RowTest {

    @Test
    void countsWhatIsLearnedFromAPositionOn() {
        Row.Target.NextTokens next = new Row.Target.NextTokens(new int[] {1, -100, 3});
        assertThat(next.supervised(0)).isEqualTo(2);
        assertThat(next.supervised(1)).isEqualTo(1);
        assertThat(Row.of(new int[] {1, 2, 3}, next.labels()).length()).isEqualTo(3);
    }

    @Test
    void countsTokens() {
        Batch batch = Batch.of(List.of(new int[4], new int[2]), List.of(new int[4], new int[2]));
        assertThat(batch.tokens()).isEqualTo(6);
        assertThat(batch.padded()).isFalse();
    }

    @Test
    void refusesWhatIsNoRow() {
        assertThatThrownBy(() -> Row.of(new int[0], new int[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a row needs at least one token");
        assertThatThrownBy(() -> Row.of(new int[2], new int[3]))
                .hasMessage("expected a label for each token, got 2 token ids and 3 labels");
        assertThatThrownBy(() -> Row.of(new int[] {-1}, new int[1]))
                .hasMessage("token id -1 at position 0 is negative");
        assertThatThrownBy(() -> Row.of(new int[1], new int[] {-2}))
                .hasMessage("label -2 at position 0 is negative and not -100");
    }

    @Test
    void refusesTypesThatAreNotOnePerToken() {
        assertThatThrownBy(() -> new Row(new int[2], new int[1], Row.Target.NONE))
                .hasMessage("expected a type for each token, got 2 token ids and 1 types");
        assertThatThrownBy(() -> new Row(new int[2], new int[] {0, -1}, Row.Target.NONE))
                .hasMessage("token type -1 at position 1 is negative");
        assertThatThrownBy(() -> new Row(new int[2], new Row.Target.TokenLabels(new int[3])))
                .hasMessage("expected a label for each token, got 2 token ids and 3 labels");
        assertThatThrownBy(() -> new Row.Target.TokenLabels(new int[] {-1}))
                .hasMessage("label -1 at position 0 is negative and not -100");
    }

    @Test
    void beginsWithTokensAndTheirTypes() {
        Row begin = new Row(new int[] {5, 6, 7}, new int[] {0, 1, 1}, new Row.Target.Label(1)).begin(2);
        assertThat(begin.tokenIds()).containsExactly(5, 6);
        assertThat(begin.tokenTypes()).containsExactly(0, 1);
        assertThat(begin.target()).isEqualTo(Row.Target.NONE);
    }

    @Test
    void refusesTargetsThatNothingCanBeLearnedFrom() {
        assertThatThrownBy(() -> new Row.Target.Label(-1)).hasMessage("a label must be at least 0, got -1");
        assertThatThrownBy(() -> new Row.Target.Scores(new float[0])).hasMessage("a row needs at least one score");
        assertThatThrownBy(() -> new Row.Target.Scores(new float[] {1, Float.NaN}))
                .hasMessage("a score must be a finite number, got NaN");
        assertThatThrownBy(() -> new Row.Target.Preference(new int[1], new int[0]))
                .hasMessage("chosen and rejected need at least one token each, got 1 and 0");
        assertThatThrownBy(() -> new Row.Target.Contrast(new int[0], List.of()))
                .hasMessage("the positive needs at least one token");
        assertThatThrownBy(() -> new Row.Target.Contrast(new int[1], List.of(new int[] {-1})))
                .hasMessage("token id -1 at position 0 is negative");
        assertThatThrownBy(() -> new Row.Target.Similarity(new int[1], Float.NaN))
                .hasMessage("a score must be a cosine, from -1 to 1, got NaN");
    }

    @Test
    void countsTheTokensOfAllThatGoesThroughAModel() {
        Row alone = Row.of(new int[3], new int[3]);
        assertThat(alone.sequences()).containsExactly(alone.tokenIds());
        Row preferring = new Row(new int[] {7, 8}, new Row.Target.Preference(new int[] {1}, new int[] {2, 3}));
        assertThat(preferring.sequences()).containsExactly(new int[] {7, 8, 1}, new int[] {7, 8, 2, 3});
        Row contrasting = new Row(new int[2], new Row.Target.Contrast(new int[5], List.of(new int[1], new int[4])));
        Row similar = new Row(new int[2], new Row.Target.Similarity(new int[6], 1));
        Batch batch = new Batch(List.of(alone, preferring, contrasting, similar));
        assertThat(batch.tokens()).isEqualTo(3 + 7 + 12 + 8);
        assertThat(contrasting.longest()).isEqualTo(5);
        assertThat(similar.longest()).isEqualTo(6);
    }

    @Test
    void refusesMoreOrFewerLabelsThanRows() {
        assertThatThrownBy(() -> Batch.of(List.of(new int[1], new int[1]), List.of(new int[1])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 rows of ids, but 1 of labels");
        assertThatThrownBy(() -> Batch.of(List.of(new int[1], new int[3]), List.of(new int[1], new int[2])))
                .hasMessage("row 1: expected a label for each token, got 3 token ids and 2 labels");
    }
}
