package io.github.peft4j.training.data.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.data.internal.RowException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of files as such, whatever they are for. */
final class RowReaderTest {

    @TempDir
    private Path folder;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private List<Integer> sizes(String content) throws IOException {
        return RowReader.read(
                RowSources.of(List.of(file("rows.jsonl", content)), RowSources.Options.DEFAULT),
                row -> row.keys().size());
    }

    @Test
    void whatAMappingLeavesOutIsLeftOut() throws IOException {
        Path file = file("rows.jsonl", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
        assertThat(RowReader.read(
                        RowSources.of(List.of(file), RowSources.Options.DEFAULT),
                        row -> row.get("a").equals(2) ? null : row.get("a")))
                .isEqualTo(List.of(1, 3));
    }

    @ParameterizedTest
    @CsvSource({
        "a.jsonl, true",
        "A.JSON, true",
        "a.ndjson, true",
        "a.txt, true",
        "jsonl, false",
        "a.jsonl.gz, true",
        "A.CSV.ZST, true",
        "a.gz, false",
        "a.gz.jsonl.bz2, false"
    })
    void aNameSaysWhetherAFileHoldsRows(String name, boolean rows) {
        assertThat(RowSources.names(folder.resolve(name))).isEqualTo(rows);
    }

    @Test
    void linesWithTheSameProblemAreNamedTogether() throws IOException {
        StringBuilder rows = new StringBuilder();
        IntStream.rangeClosed(1, 30).forEach(i -> rows.append(i % 7 == 0 ? "{}\n" : i % 5 == 0 ? "[\n" : "7\n"));
        assertThatThrownBy(() -> sizes(rows.toString()))
                .isInstanceOf(DataException.class)
                .hasMessage("26 rows cannot be used; unreadable: " + folder.resolve("rows.jsonl")
                        + " lines 1-4, 6, 8-9, 11-13, 16-19 and 22-23: expected an object, got the number 7; "
                        + folder.resolve("rows.jsonl")
                        + " lines 5, 10, 15 and 20: expected a value, found the end at column 2; and 6 more");
    }

    @Test
    void rowsOfOneLineAreNamedOnce() throws IOException {
        Path file = file("rows.json", "[1, {}, 2, 3,\n4]");
        assertThatThrownBy(
                        () -> RowReader.read(RowSources.of(List.of(file), RowSources.Options.DEFAULT), FileRow::keys))
                .hasMessage("4 rows cannot be used; unreadable: " + file
                        + " line 1: expected an object, got the number 1; "
                        + file + " line 1: expected an object, got the number 2; " + file
                        + " line 1: expected an object, got the number 3; " + file
                        + " line 2: expected an object, got the number 4");
        Path same = file("same.json", "[1, 1, 1,\n1]");
        assertThatThrownBy(
                        () -> RowReader.read(RowSources.of(List.of(same), RowSources.Options.DEFAULT), FileRow::keys))
                .hasMessage("4 rows cannot be used; unreadable: " + same
                        + " lines 1-2: expected an object, got the number 1");
    }

    @Test
    void readingEndsWhereTooManyRowsAreBad() {
        assertThatThrownBy(() -> sizes("7\n".repeat(200_000)))
                .isInstanceOf(DataException.class)
                .hasMessage("100000 rows cannot be used, and reading ended there; unreadable: "
                        + folder.resolve("rows.jsonl")
                        + " lines 1-20: expected an object, got the number 7; and 99980 more");
    }

    @Test
    void everyKindOfLineEndAndBlankLinesAreCounted() throws IOException {
        assertThatThrownBy(() -> sizes("{}\r{}\r\n \t\n\r\n\rx\u000b\n{}"))
                .hasMessageContaining("rows.jsonl line 6: expected a value, found x at column 1");
        assertThat(sizes("{}\r{}\r\n \t\n\u000c\r\n\r{}")).hasSize(3);
    }

    @Test
    void zeroBytesAreNoBlankLine() {
        assertThatThrownBy(() -> sizes("{}\n\0\0\0\n"))
                .hasMessageContaining("rows.jsonl line 2: expected a value, found U+0000 at column 1");
    }

    @Test
    void aListMayBeginBehindBlanks() throws IOException {
        assertThat(sizes(" \n".repeat(1000) + "[{},{\"a\":1}]")).containsExactly(0, 1);
        assertThatThrownBy(() -> sizes("[{}]\n[{}]\n"))
                .hasMessageContaining("rows.jsonl line 2: expected nothing after the value, found [ at column 1;"
                        + " what follows in this file was not read");
    }

    @Test
    void rowsThatAreIndentedAreOneProblem() {
        assertThatThrownBy(() -> sizes("{}\n{\n  \"a\": 1,\n  \"b\": 2\n}\n{\n  \"a\": 3\n}\n"))
                .hasMessage("1 row cannot be used; unreadable: " + folder.resolve("rows.jsonl")
                        + " line 2: expected a key between quotation marks, found the end at column 2; expected a whole"
                        + " object in each line, or one list; what follows in this file was not read");
    }

    @Test
    void valuesAreCheckedWhenTheyAreAskedFor() throws IOException {
        Path file = file("rows.jsonl", "{\"a\":\"x\",\"b\":null,\"c\":[1,2]}\n");
        RowReader.read(RowSources.of(List.of(file), RowSources.Options.DEFAULT), row -> {
            assertThat(row.text("a")).isEqualTo("x");
            assertThat(row.textOrNull("a")).isEqualTo("x");
            assertThat(row.textOrNull("b")).isNull();
            assertThat(row.textOrNull("d")).isNull();
            assertThat(row.integers("c")).containsExactly(1, 2);
            assertThat(row.has("b")).isTrue();
            assertThat(row.has("d")).isFalse();
            assertThatThrownBy(() -> row.textOrNull("c"))
                    .isInstanceOfSatisfying(
                            RowException.class, e -> assertThat(e.problem()).isEqualTo(Problem.NOT_AN_EXAMPLE))
                    .hasMessage("c must be text, got a list");
            assertThatThrownBy(() -> row.integers("d")).hasMessage("d must be a list of whole numbers, got nothing");
            assertThatThrownBy(() -> row.text("b")).hasMessage("b must be text, got null");
            return row;
        });
    }
}
