package io.github.peft4j.training.data.cache.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.batch.Row.Target;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RowBytesTest {

    private static final int I = Target.IGNORED;
    private static final int[] IDS = {0, 127, 128, 49151, Integer.MAX_VALUE};

    static List<Row> rows() {
        return List.of(
                new Row(IDS, Target.NONE),
                new Row(IDS, new int[] {0, 1, 1, 0, 300}, Target.NONE),
                Row.of(IDS, new int[] {I, I, 128, 49151, Integer.MAX_VALUE}),
                Row.of(IDS, new int[] {I, 5, 6, I, I}),
                Row.of(new int[] {7}, new int[] {7}),
                new Row(IDS, new Target.TokenLabels(new int[] {0, I, 3, 1, I}, new int[] {0, -1, 2})),
                new Row(IDS, new Target.TokenLabels(new int[] {I, I, I, I, I})),
                new Row(IDS, new Target.Label(70_000)),
                new Row(IDS, new Target.Scores(new float[] {0, -1.5f, Float.MIN_VALUE})),
                new Row(IDS, new Target.Preference(new int[] {1, 200}, new int[] {3})),
                new Row(IDS, new Target.Contrast(new int[] {1}, List.of(new int[] {2, 3}, new int[] {400}))),
                new Row(IDS, new Target.Contrast(new int[] {1}, List.of())),
                new Row(IDS, new Target.Similarity(new int[] {9, 8}, -0.25f)));
    }

    private static Row again(byte[] bytes) {
        return RowBytes.row(ByteBuffer.wrap(bytes));
    }

    /** Arrays within records compare by identity, so by what tells all of a row. */
    private static String text(Row row) {
        Target target = row.target();
        String learned = target instanceof Target.TokenLabels each
                ? Arrays.toString(each.labels()) + Arrays.toString(each.words())
                : target instanceof Target.PerToken each
                        ? Arrays.toString(each.labels())
                        : target instanceof Target.Scores scores
                                ? Arrays.toString(scores.values())
                                : target instanceof Target.Similarity like
                                        ? String.valueOf(like.score())
                                        : target instanceof Target.Label label ? String.valueOf(label.id()) : "";
        return target.getClass().getSimpleName()
                + learned
                + row.sequences().stream().map(Arrays::toString).toList()
                + Arrays.toString(row.tokenTypes());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aRowComesBack(Row row) {
        assertThat(text(again(RowBytes.of(row)))).isEqualTo(text(row));
    }

    @Test
    void everyKindOfTargetIsTried() {
        assertThat(rows().stream().map(row -> row.target().getClass()).distinct())
                .hasSize((int) Arrays.stream(Target.class.getPermittedSubclasses())
                        .flatMap(type -> type.isSealed()
                                ? Arrays.stream(type.getPermittedSubclasses())
                                : Arrays.stream(new Class<?>[] {type}))
                        .count());
    }

    @Test
    void labelsThatAreTheTokensTakeNoRoom() {
        int[] ids = new SplittableRandom(1).ints(1000, 0, 40_000).toArray();
        int[] labels = ids.clone();
        Arrays.fill(labels, 0, 600, I);
        assertThat(RowBytes.of(Row.of(ids, labels)).length)
                .isLessThan(RowBytes.of(new Row(ids, Target.NONE)).length + 10);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void bytesThatNothingWroteAreRefusedOrARow(Row row) {
        byte[] bytes = RowBytes.of(row);
        for (int length = 0; length < bytes.length; length++) {
            byte[] begin = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> again(begin)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> again(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("behind a row");
        SplittableRandom random = new SplittableRandom(bytes.length);
        for (int i = 0; i < 2000; i++) {
            byte[] other = bytes.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                other[random.nextInt(other.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(again(other).length()).isPositive();
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void aCountThatNothingFollowsTakesNoMemory() {
        // 2,147,483,647 ids, of which there is not one.
        byte[] bytes = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 7};
        assertThatThrownBy(() -> again(bytes)).hasMessageContaining("2147483647 things cannot follow");
    }
}
