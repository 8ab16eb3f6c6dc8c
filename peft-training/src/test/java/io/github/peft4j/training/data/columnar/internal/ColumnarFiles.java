package io.github.peft4j.training.data.columnar.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.RowSource.Cursor;
import io.github.peft4j.training.data.RowSource.Item;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows that {@code tools/columnar_rows.py} wrote, each beside the same as JSON Lines. */
public final class ColumnarFiles {

    private ColumnarFiles() {}

    /** One of the files. */
    public static Path path(String name) {
        return Path.of("src/test/resources/columnar", name);
    }

    /** All rows of a source. */
    public static List<Item> rows(RowSource source) throws IOException {
        return rows(source, null);
    }

    private static List<Item> rows(RowSource source, RowSource.@Nullable Position from) throws IOException {
        try (Cursor cursor = source.open(from)) {
            List<Item> items = new ArrayList<>();
            for (Item item = cursor.next(); item != null; item = cursor.next()) {
                items.add(item);
                assertThat(cursor.position()).isEqualTo(NumberedRows.behind(item.line()));
            }
            assertThat(cursor.next()).as("behind the last row").isNull();
            return items;
        }
    }

    /** The values of rows that can be read. */
    public static List<Map<String, @Nullable Object>> values(RowSource source) throws IOException {
        return fields(rows(source, null));
    }

    private static List<Map<String, @Nullable Object>> fields(List<Item> items) {
        assertThat(items).extracting(Item::problem).containsOnlyNulls();
        return items.stream().map(Item::fields).toList();
    }

    /** The values of a file of JSON Lines. */
    public static List<Map<String, @Nullable Object>> lines(String name) throws IOException {
        try (Cursor cursor = RowSource.of(path(name)).open(null)) {
            List<Item> items = new ArrayList<>();
            for (Item item = cursor.next(); item != null; item = cursor.next()) {
                items.add(item);
            }
            return fields(items);
        }
    }

    /** Checks that a source says how many rows it has, and that each can be gone to. */
    static void requireAnyPlace(RowSource source) throws IOException {
        List<Item> all = rows(source);
        assertThat(source).isInstanceOf(NumberedRows.class);
        assertThat(((NumberedRows) source).rows()).isEqualTo(all.size());
        for (int from = 0; from <= all.size() + 1; from++) {
            assertThat(rows(source, NumberedRows.behind(from)))
                    .as("from row " + from)
                    .isEqualTo(all.subList(Math.min(from, all.size()), all.size()));
        }
    }
}
