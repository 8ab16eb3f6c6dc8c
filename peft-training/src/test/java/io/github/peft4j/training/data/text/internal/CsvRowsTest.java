package io.github.peft4j.training.data.text.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.data.RowSource.Item;
import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.RowSources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values separated by commas and tabs. */
final class CsvRowsTest {

    private static final String NOT_READ = "; what follows in this file was not read";

    @TempDir
    private Path folder;

    private List<Item> read(String name, String content, RowSources.Options options) throws IOException {
        Path file = Files.write(folder.resolve(name), content.getBytes(StandardCharsets.UTF_8));
        return TextRowsTest.all(RowSources.of(file, options));
    }

    private List<Item> read(String content) throws IOException {
        return read("rows.csv", content, RowSources.Options.DEFAULT);
    }

    @Test
    void quotesHoldSeparatorsLineEndsAndQuotesAndLinesAreCountedWhereRowsBegin() throws IOException {
        assertThat(read("\ufeffa,b\r\n\"x\r\ny\",\"1,\"\"2\"\"\"\r\n\r\n , z \r\n\"\",\u00e9\0"))
                .containsExactly(
                        Item.ofText(2, Map.of("a", "x\r\ny", "b", "1,\"2\"")),
                        Item.ofText(5, Map.of("a", " ", "b", " z ")),
                        Item.ofText(6, Map.of("a", "", "b", "\u00e9\0")));
    }

    @Test
    void tabsSeparateWhereTheNameSaysSoAndAnythingWhereItIsTold() throws IOException {
        List<Item> rows = List.of(Item.ofText(2, Map.of("a", "1,5", "b", "2")));
        assertThat(read("rows.tsv", "a\tb\n1,5\t2\n", RowSources.Options.DEFAULT))
                .isEqualTo(rows);
        assertThat(read(
                        "rows.csv",
                        "a;b\n1,5;2\n",
                        new RowSources.Options(';', Map.of(), RowSources.Options.DEFAULT.split())))
                .isEqualTo(rows);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a;b|it is one name, \"a;b\", as columns are separated by \",\". If something else separates them, say so as the delimiter",
                "a,,b|column 2 of 3 has no name",
                "a,b,c,b,a|it has more than once [\"b\", \"a\"]"
            })
    void aHeaderThatDoesNotNameEachColumnIsRefused(String header, String reason) {
        assertThatThrownBy(() -> read(header + "\n1;2\n"))
                .isInstanceOf(DataException.class)
                .hasMessage(folder.resolve("rows.csv") + ": the first line must name the columns; " + reason);
    }

    @Test
    void aMillionColumnsAreRefused() {
        assertThatThrownBy(() -> read("a" + ",b".repeat(1_000_000) + "\n"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("16384 fields");
    }

    @Test
    void rowsOfAnotherNumberOfValuesAreNamed() throws IOException {
        assertThat(read("a,b\n1\n1,2,3\n1,2\n"))
                .containsExactly(
                        Item.unreadable(2, "expected 2 values, as the first line names, got 1"),
                        Item.unreadable(3, "expected 2 values, as the first line names, got 3"),
                        Item.ofText(4, Map.of("a", "1", "b", "2")));
    }

    @Test
    void whatIsNoCsvIsToldWithTheLineWhereItsRowBegins() throws IOException {
        assertThat(read("a\n1\n\"2\n3\n"))
                .endsWith(Item.unreadable(3, "Unclosed quoted field at end of input" + NOT_READ));
        assertThat(read("a\n1\n\"2\"3\n4\n"))
                .endsWith(Item.unreadable(3, "Unexpected character after closing quote: '3' (0x33)" + NOT_READ));
    }

    @Test
    void rowsThatAreTooLongOrTooWideAreRefusedWithoutBeingHeld() throws IOException {
        assertThat(read("a\n1\n" + ",".repeat(20_000)).get(1).problem()).contains("16384 fields");
        assertThat(read("a\n\"" + "x".repeat((32 << 20) + 10)).get(0).problem()).contains("33554432");
    }

    @Test
    void bytesThatAreNoTextAreAnError() throws IOException {
        Path file = Files.write(folder.resolve("latin.csv"), "a\nb\n\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> TextRowsTest.all(RowSources.of(file, RowSources.Options.DEFAULT)))
                .isInstanceOf(DataException.class)
                .hasMessage(file + ": line 3 is not valid UTF-8");
    }

    @Test
    void aFileWithoutAnythingHasNoRows() throws IOException {
        assertThat(read("")).isEmpty();
        assertThat(read("\ufeff")).isEmpty();
        assertThat(read("a,b\n")).isEmpty();
    }
}
