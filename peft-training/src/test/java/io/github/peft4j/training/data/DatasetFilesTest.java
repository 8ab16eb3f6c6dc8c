package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.data.internal.DataException;
import io.github.peft4j.training.data.internal.DataReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How files of rows are read, whatever the rows are. */
class DatasetFilesTest extends DatasetCase {

    @Test
    void reads_files_in_order_with_empty_lines_a_mark_and_any_line_ends() throws IOException {
        Path first = file("a.jsonl", "\ufeff{\"text\":\"a\"}\r\n\n  \t\r\n{\"text\":\"b\"}");
        Path second = file("b.ndjson", "\n{\"text\":\"c\\u00e9\"}\n\n");
        Path third = file("C.JSON", "{\"text\":\"d\"}\n");

        Dataset examples = Dataset.read(List.of(first, second, third), options);

        assertThat(examples.rows().stream().map(e -> tokenizer.decode(e.tokenIds(), true)))
                .containsExactly("a", "b", "c", "d");
        assertThat(examples.report())
                .isEqualTo(new DataReport(4, 13, 9, 4, 0, Map.of("text", 4), DataReport.OddRows.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n \n", "\ufeff", "\ufeff\n"})
    void fails_where_there_are_no_rows(String content) {
        assertThatThrownBy(() -> read(content, options))
                .isInstanceOf(DataException.class)
                .hasMessage("no rows in " + folder.resolve("rows.jsonl"));
    }

    @Test
    void refuses_lines_that_are_not_utf8() throws IOException {
        byte[] line = "{\"text\":\"\u00e9\"}\n{\"text\":\"a\"}\n".getBytes(StandardCharsets.ISO_8859_1);
        Path file = Files.write(folder.resolve("latin.jsonl"), line);

        assertThatThrownBy(() -> Dataset.read(List.of(file), options))
                .hasMessage("1 row cannot be used; unreadable: " + file
                        + " line 1: the text is not valid UTF-8 at column 10");
    }

    @Test
    void reads_a_very_long_line() throws IOException {
        String ids = IntStream.range(0, 300_000)
                .mapToObj(i -> "" + i % 90)
                .reduce(
                        new StringBuilder(),
                        (b, s) -> b.append(b.isEmpty() ? "" : ",").append(s),
                        StringBuilder::append)
                .toString();

        assertThat(read("{\"input_ids\":[" + ids + "],\"labels\":[" + ids + "]}", IDS)
                        .report()
                        .tokens())
                .isEqualTo(300_000);
    }

    @Test
    void refuses_what_is_no_file_of_rows() throws IOException {
        Path csv = file("a.xlsx", "x");
        Path plain = file("plain", "x");
        Path missing = folder.resolve("missing.jsonl");
        Path inner = Files.createDirectory(folder.resolve("data.jsonl"));

        assertThatThrownBy(() -> Dataset.read(List.of(csv), options))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        "cannot read " + csv
                                + ": files that end with .xlsx are not supported; expected one of [.jsonl, .ndjson,"
                                + " .json, .arrow, .feather, .parquet, .csv, .tsv, .txt], the text ones perhaps with .gz or .zst behind it");
        assertThatThrownBy(() -> Dataset.read(List.of(plain), options))
                .hasMessage(
                        "cannot read " + plain
                                + ": files without an ending are not supported; expected one of [.jsonl, .ndjson,"
                                + " .json, .arrow, .feather, .parquet, .csv, .tsv, .txt], the text ones perhaps with .gz or .zst behind it");
        assertThatThrownBy(() -> Dataset.read(List.of(missing), options)).hasMessage("no data file at " + missing);
        assertThatThrownBy(() -> Dataset.read(List.of(Path.of("/dev/null")), options))
                .hasMessage("/dev/null is not a regular file");
        assertThatThrownBy(() -> Dataset.read(List.of(inner), options))
                .hasMessageStartingWith(inner + " is no data set: expected ");
    }

    @Test
    void reads_a_file_that_is_one_list_whatever_its_name() throws IOException {
        String list = "\n [\n  {\n    \"text\": \"a\"\n  },\n  {\"text\": \"b\"}\n]\n";

        for (String name : List.of("list.json", "list.jsonl")) {
            for (String start : List.of("", "\ufeff")) {
                Dataset examples = Dataset.read(List.of(file(name, start + list)), options);
                assertThat(examples.rows().stream().map(e -> tokenizer.decode(e.tokenIds(), true)))
                        .containsExactly("a", "b");
            }
        }
    }

    @Test
    void names_the_line_where_an_element_of_a_list_begins() throws IOException {
        Path file = file("list.json", "[\n  {\"text\": 1},\n  7,\n\n  {\n  \"text\":\n  \"\"}\n]\n");

        assertThatThrownBy(() -> Dataset.read(List.of(file), options))
                .hasMessage("3 rows cannot be used; unreadable: " + file
                        + " line 3: expected an object, got the number 7; no text (put numbers in quotes, or let them be read as text): "
                        + file
                        + " line 2: text must be text, got the number 1; nothing to learn: " + file
                        + " line 5: text is empty");
    }

    @Test
    void stops_where_a_list_is_damaged() throws IOException {
        Path file = file("list.json", "[\n {\"text\": \"a\"},\n {\"text\": 2},\n {\"text\" \"c\"},\n {\"text\": 4}\n]");

        assertThatThrownBy(() -> Dataset.read(List.of(file), options))
                .hasMessage("2 rows cannot be used; unreadable: " + file
                        + " line 4: expected : after a key, found \" at column 10; what follows in this file was not read;"
                        + " no text (put numbers in quotes, or let them be read as text): " + file
                        + " line 3: text must be text, got the number 2");
    }

    @Test
    void reads_what_pythons_json_reads() throws IOException {
        String rows = "{\"text\":\"a\",\"score\":NaN,\"more\":[Infinity,-Infinity,1e999,"
                + "1".repeat(1100) + "],\"deep\":" + "[".repeat(900) + "]".repeat(900) + ",\"" + "k".repeat(60_000)
                + "\":0}\r{\"text\":\"b\",\"text\":\"c\"}\r\r\n{\"text\":\"d\"}\n\r{\"text\":\"e\"}";

        assertThat(read(rows, options).rows().stream().map(e -> tokenizer.decode(e.tokenIds(), true)))
                .containsExactly("a", "c", "d", "e");
    }

    @Test
    void refuses_a_row_that_is_too_deep_or_has_too_long_a_number() {
        String rows = "{\"text\":\"a\"}\n{\"text\":\"a\",\"deep\":" + "[".repeat(1100) + "]".repeat(1100)
                + "}\n{\"text\":\"a\",\"id\":" + "1".repeat(5000) + "}\n";

        assertThatThrownBy(() -> read(rows, options))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(
                        "rows.jsonl line 2: lists and objects stand more than 1000 deep inside each other at column 1019; ")
                .hasMessageContaining("rows.jsonl line 3: a whole number has more than 4300 digits at column 18");
    }

    @Test
    void refuses_a_line_that_is_too_long_without_reading_it_all() throws IOException {
        Path file = folder.resolve("long.jsonl");
        byte[] text = new byte[1 << 20];
        java.util.Arrays.fill(text, (byte) 'a');
        try (var out = Files.newOutputStream(file)) {
            out.write("{\"text\":\"x\"}\n{\"text\":\"".getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 40; i++) {
                out.write(text);
            }
            out.write("\"}\n".getBytes(StandardCharsets.UTF_8));
        }

        assertThatThrownBy(() -> Dataset.read(List.of(file), options))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        file + ": line 2 is longer than 33554432 bytes: expected one row in each line, or one list");
    }
}
