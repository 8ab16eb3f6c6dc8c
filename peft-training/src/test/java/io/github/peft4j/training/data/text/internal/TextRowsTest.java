package io.github.peft4j.training.data.text.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.RowSource.Cursor;
import io.github.peft4j.training.data.RowSource.Item;
import io.github.peft4j.training.data.RowSource.Position;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of files of text, pulled one by one. */
final class TextRowsTest {

    @TempDir
    private Path folder;

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    /** Reads all, and checks that another cursor goes on from every place. */
    static List<Item> all(RowSource source) throws IOException {
        List<Item> items = new ArrayList<>();
        List<Position> places = new ArrayList<>();
        try (Cursor cursor = source.open(null)) {
            places.add(cursor.position());
            for (Item item = cursor.next(); item != null; item = cursor.next()) {
                items.add(item);
                places.add(cursor.position());
            }
            assertThat(cursor.next()).isNull();
        }
        for (int i = 0; i < places.size(); i++) {
            List<Item> rest = new ArrayList<>();
            try (Cursor cursor = source.open(places.get(i))) {
                assertThat(cursor.position()).isEqualTo(places.get(i));
                for (Item item = cursor.next(); item != null; item = cursor.next()) {
                    rest.add(item);
                }
            }
            assertThat(rest).as("from " + places.get(i)).isEqualTo(items.subList(i, items.size()));
        }
        return items;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1}\n{\"a\":2}\n\n{\"a\":3}",
                "\ufeff{\"a\":1}\r\n{\"a\":2}\r\n\r\n{\"a\":3}\r\n",
                "{\"a\":1}\r{\"a\":2}\r\r{\"a\":3}\r",
                "[{\"a\":1},\n{\"a\":2},\n\n{\"a\":3}]",
                "\ufeff\n[\n{\n\"a\":1},{\"a\":2}, {\"a\":3}\n]\n"
            })
    void readingGoesOnFromEveryRow(String content) throws IOException {
        assertThat(all(RowSource.of(file("rows.json", content))))
                .extracting(Item::fields)
                .isEqualTo(List.of(Map.of("a", 1), Map.of("a", 2), Map.of("a", 3)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1}\n7\n{\"a\":2}\n",
                "{\"a\":1}\n{\n\"a\":2\n}\n",
                "[{\"a\":1},7,{\"a\":2}]",
                "[{\"a\":1},{\"a\" 2},{\"a\":2}]",
                "[{\"a\":1}"
            })
    void whatCannotBeReadIsToldWhereverReadingBegan(String content) throws IOException {
        assertThat(all(RowSource.of(file("rows.jsonl", content))))
                .filteredOn(item -> item.problem() != null)
                .hasSize(1);
    }

    @Test
    void lineEndsAcrossTheBorderOfABufferAreOne() throws IOException {
        for (int more = 0; more < 3; more++) {
            String first = "{\"a\":\"" + "x".repeat((1 << 16) - 10 + more) + "\"}";
            List<Item> items = all(RowSource.of(file("rows.jsonl", first + "\r\n{\"a\":2}\r\n7\r\n")));
            assertThat(items).extracting(Item::line).containsExactly(1L, 2L, 3L);
        }
    }

    @Test
    void aFingerprintTellsContentApartAndNoCopy() throws IOException {
        String content = "{\"a\":1}\n".repeat(100_000);
        String found = RowSource.of(file("a.jsonl", content)).fingerprint();
        assertThat(RowSource.of(file("b.jsonl", content)).fingerprint()).isEqualTo(found);
        for (int place : new int[] {5, content.length() / 2, content.length() - 3}) {
            String other = content.substring(0, place) + "2" + content.substring(place + 1);
            assertThat(RowSource.of(file("c.jsonl", other)).fingerprint()).isNotEqualTo(found);
        }
        assertThat(RowSource.of(file("d.jsonl", content + "\n")).fingerprint()).isNotEqualTo(found);
        assertThat(RowSource.of(file("e.jsonl", "")).fingerprint()).startsWith("0 bytes");
    }

    @Test
    void linesOfTextAreReadByTheSameRules() throws IOException {
        assertThat(all(TextLines.of(file("a.txt", "\ufeff a \r\n\n \u2003\nb\rc"))))
                .extracting(item -> item.fields().get(TextLines.TEXT))
                .containsExactly(" a ", "b", "c");
        Path latin = Files.write(folder.resolve("latin.txt"), "a\n\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(all(TextLines.of(latin)).get(1)).isEqualTo(Item.unreadable(2, "the text is not valid UTF-8"));
        assertThatThrownBy(() -> TextLines.of(folder)).isInstanceOf(DataException.class);
        assertThatThrownBy(() -> TextLines.of(folder.resolve("none")))
                .hasMessage("no data file at " + folder.resolve("none"));
    }
}
