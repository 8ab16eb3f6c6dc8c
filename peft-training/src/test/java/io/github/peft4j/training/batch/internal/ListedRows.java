package io.github.peft4j.training.batch.internal;

import io.github.peft4j.training.data.RowSource;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rows of a program's own: what a user may give instead of files. */
public record ListedRows(String name, List<Item> items) implements RowSource {

    /** Rows of ids {@code first, first + 1, ...}, each of one to five tokens. */
    public static ListedRows of(String name, int first, int count) {
        return new ListedRows(
                name,
                IntStream.range(0, count)
                        .mapToObj(i -> item(i + 1, first + i, 1 + (i * 7) % 5))
                        .toList());
    }

    private static Item item(long line, int id, int length) {
        List<Integer> ids = IntStream.range(0, length + 1).mapToObj(i -> id).toList();
        return Item.of(line, Map.of("input_ids", ids, "labels", ids));
    }

    @Override
    public Cursor open(@Nullable Position from) {
        return new Cursor() {
            private int at = from == null ? 0 : (int) from.offset();

            @Override
            public @Nullable Item next() {
                return at < items.size() ? items.get(at++) : null;
            }

            @Override
            public Position position() {
                return new Position(at, at);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public String fingerprint() {
        return items.size() + " items";
    }
}
