package io.github.peft4j.training.data.columnar.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.internal.DescribedRows;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of files of columns are those of JSON Lines, value by value and type by type. */
final class ColumnarRowsTest {

    private static List<Map<String, @Nullable Object>> only(
            List<Map<String, @Nullable Object>> rows, Set<String> columns) {
        rows.forEach(row -> row.keySet().retainAll(columns));
        return rows;
    }

    @ParameterizedTest
    @CsvSource({
        "stream.arrow, types.jsonl, 0, 24",
        "batches.arrow, types.jsonl, 0, 24",
        "file.arrow, types.jsonl, 0, 24",
        "slice.arrow, types.jsonl, 5, 16",
        "lz4.arrow, types.jsonl, 0, 24",
        "zstd.arrow, types.jsonl, 0, 24",
        "lz4.feather, types.jsonl, 0, 24",
        "delta.arrow, delta.jsonl, 0, 6",
        "replaced.arrow, replaced.jsonl, 0, 6",
        "types.parquet, types.jsonl, 0, 24",
        "groups.parquet, types.jsonl, 0, 24",
    })
    void rowsAreThoseOfJsonLines(String file, String lines, int from, int to) throws IOException {
        List<Map<String, @Nullable Object>> rows = ColumnarFiles.values(RowSource.of(ColumnarFiles.path(file)));
        assertThat(rows)
                .isEqualTo(
                        only(ColumnarFiles.lines(lines), rows.get(0).keySet()).subList(from, to));
    }

    @ParameterizedTest
    @ValueSource(strings = {"batches.arrow", "file.arrow", "lz4.feather", "delta.arrow", "groups.parquet"})
    void everyRowCanBeGoneTo(String file) throws IOException {
        ColumnarFiles.requireAnyPlace(RowSource.of(ColumnarFiles.path(file)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unread.arrow", "unread.parquet"})
    void columnsOfOtherTypesAreLeftAloneAndNamed(String file) throws IOException {
        List<Map<String, @Nullable Object>> rows = ColumnarFiles.values(RowSource.of(ColumnarFiles.path(file)));
        assertThat(rows).extracting(row -> row.get("text")).containsExactly("a", "b", null);
        assertThat(rows).extracting(row -> row.get("last")).containsExactly(1, 2, 3);
        assertThat(rows)
                .extracting(row -> String.valueOf(row.get("time")))
                .containsExactly(
                        "a value of the type timestamp, which is not read",
                        "null",
                        "a value of the type timestamp, which is not read");
        rows.get(0).keySet().removeAll(Set.of("text", "last"));
        assertThat(rows.get(0).values()).isNotEmpty().allMatch(UnreadValue.class::isInstance);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dataset/data-00000-of-00002.arrow", "hub/data/train-00001-of-00002.parquet"})
    void aFileTellsItsColumnsAndTheNamesOfTheirClasses(String file) throws IOException {
        NumberedRows source = (NumberedRows) RowSource.of(ColumnarFiles.path(file));
        assertThat(source.columns())
                .containsExactly(
                        new DescribedRows.Column("text", "string", List.of()),
                        new DescribedRows.Column("label", "int64", List.of("negative", "neutral", "positive")),
                        new DescribedRows.Column("tokens", "list<string>", List.of()),
                        new DescribedRows.Column("ner_tags", "list<int64>", List.of("O", "B-PER")));
    }
}
