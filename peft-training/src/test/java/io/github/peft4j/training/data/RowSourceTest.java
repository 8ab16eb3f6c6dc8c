package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rows come from: files by names and patterns, by other names of values, and programs of one's own. */
class RowSourceTest extends DatasetCase {

    private Path at(String name) throws IOException {
        Path file = folder.resolve("data").resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "{\"text\":\"a\"}\n");
    }

    private List<String> named(String pattern) throws IOException {
        Path data = folder.resolve("data");
        return RowSource.named(data + "/" + pattern).stream()
                .map(source -> data.relativize(Path.of(source.name())).toString())
                .toList();
    }

    private static List<Map<String, @Nullable Object>> rows(RowSource source) throws IOException {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        try (RowSource.Cursor cursor = source.open(null)) {
            for (RowSource.Item item = cursor.next(); item != null; item = cursor.next()) {
                rows.add(new TreeMap<>(item.fields()));
            }
        }
        return rows;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "part-*.jsonl|part-1.jsonl,part-10.jsonl,part-2.jsonl",
                "part-?.jsonl|part-1.jsonl,part-2.jsonl",
                "part-[12].jsonl|part-1.jsonl,part-2.jsonl",
                "part-{2,10}.*|part-10.jsonl,part-2.jsonl",
                "**/x*.json|deep/er/x.json,x1.json",
                "*/*/x.json|deep/er/x.json",
                "deep/**|deep/er/x.json",
                "*.json|odd[1].json,x1.json",
                "odd[1].json|odd[1].json"
            })
    void patternsStandForFilesInTheOrderOfTheirNames(String pattern, String files) throws IOException {
        for (String name : List.of(
                "part-2.jsonl",
                "part-10.jsonl",
                "part-1.jsonl",
                ".part-3.jsonl",
                "x1.json",
                "deep/er/x.json",
                ".git/x.json",
                "odd[1].json")) {
            at(name);
        }
        assertThat(String.join(",", named(pattern))).isEqualTo(files);
    }

    @Test
    void aPatternThatFitsNothingIsAnError() throws IOException {
        at("a.jsonl");
        assertThatThrownBy(() -> named("b*.jsonl"))
                .isInstanceOf(DataException.class)
                .hasMessage("no file fits " + folder.resolve("data") + "/b*.jsonl");
        assertThatThrownBy(() -> named("none/*.jsonl")).hasMessageStartingWith("cannot look for ");
        assertThatThrownBy(() -> named("{a")).hasMessageContaining("is no pattern of names");
        assertThatThrownBy(() -> named("c.jsonl")).hasMessage("no data file at " + folder.resolve("data") + "/c.jsonl");
    }

    @Test
    void valuesGetOtherNamesAndOthersStay() throws IOException {
        Path file = file("a.jsonl", "{\"q\":\"x\",\"a\":{\"b\":{\"c\":\"y\"}},\"d.e\":1,\"f\":2}\n");
        RowSource source = RowSource.of(file).withColumns(Map.of("prompt", "q", "completion", "a.b.c", "q", "d.e"));
        assertThat(rows(source))
                .containsExactly(
                        Map.of("prompt", "x", "completion", "y", "q", 1, "f", 2, "a", Map.of("b", Map.of("c", "y"))));
        assertThat(source.fingerprint()).isNotEqualTo(RowSource.of(file).fingerprint());
        assertThat(RowSource.of(file).withColumns(Map.of())).isEqualTo(RowSource.of(file));
    }

    @Test
    void aNameThatNoRowHasIsAnErrorThatNamesThoseThere() throws IOException {
        Path file = file("a.jsonl", "{\"question\":\"x\",\"answer\":\"y\"}\n{\"question\":\"x\",\"note\":1}\n");
        RowSource source = RowSource.of(file).withColumns(Map.of("prompt", "question", "completion", "reply"));
        assertThatThrownBy(() -> Dataset.from(List.of(source), options))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        file
                                + ": no row has [\"reply\"]; expected one of those there: [\"question\", \"answer\", \"note\"]");
        RowSource some = RowSource.of(file).withColumns(Map.of("prompt", "question", "completion", "answer"));
        assertThatThrownBy(() -> Dataset.from(List.of(some), options))
                .hasMessageStartingWith("1 row cannot be used; no example: " + file + " line 2: ");
    }

    @Test
    void rowsOfAProgramAreReadAsThoseOfFiles() throws IOException {
        Dataset read = Dataset.from(List.of(new Counting(3)), options);
        assertThat(read.rows())
                .usingRecursiveComparison()
                .isEqualTo(read("{\"text\":\"0\"}\n{\"text\":\"1\"}\n{\"text\":\"2\"}", options)
                        .rows());
        assertThatThrownBy(() -> Dataset.from(List.of(new Counting(0)), options))
                .hasMessage("no rows in numbers");
        assertThatThrownBy(() -> Dataset.from(List.of(new Counting(-1)), options))
                .hasMessage("cannot read numbers: the line is dead");
    }

    /** So many rows with numbers. */
    private record Counting(int count) implements RowSource {

        @Override
        public String name() {
            return "numbers";
        }

        @Override
        public String fingerprint() {
            return "numbers to " + count;
        }

        @Override
        public Cursor open(@Nullable Position from) {
            return new Cursor() {

                private long next = from == null ? 0 : from.offset();

                @Override
                public @Nullable Item next() throws IOException {
                    if (count < 0) {
                        throw new IOException("the line is dead");
                    }
                    return next == count ? null : Item.of(next + 1, Map.of("text", "" + next++));
                }

                @Override
                public Position position() {
                    return new Position(next, next);
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            };
        }
    }
}
