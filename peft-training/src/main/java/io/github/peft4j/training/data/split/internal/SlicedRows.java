package io.github.peft4j.training.data.split.internal;

import io.github.peft4j.training.data.RowSource;
import io.github.peft4j.training.data.columnar.internal.NumberedRows;
import io.github.peft4j.training.data.internal.DescribedRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a source between two places.
 *
 * @param end where there is no more
 */
public record SlicedRows(RowSource source, Position start, Position end) implements DescribedRows {

    /**
     * Takes some of the rows that several sources have together.
     *
     * @param part which of them
     */
    static List<RowSource> of(List<RowSource> sources, SplitPart part) throws IOException {
        if (part.all()) {
            return sources;
        }
        List<Long> counts = new ArrayList<>();
        for (RowSource source : sources) {
            counts.add(count(source));
        }
        SplitPart.Range range =
                part.of(counts.stream().mapToLong(Long::longValue).sum());
        List<RowSource> slices = new ArrayList<>();
        long before = 0;
        for (int i = 0; i < sources.size(); i++) {
            long from = Math.max(0, range.from() - before);
            long to = Math.min(counts.get(i), range.to() - before);
            if (from < to) {
                slices.add(new SlicedRows(sources.get(i), behind(sources.get(i), from), behind(sources.get(i), to)));
            }
            before += counts.get(i);
        }
        return slices;
    }

    private static long count(RowSource source) throws IOException {
        if (source instanceof NumberedRows numbered) {
            return numbered.rows();
        }
        try (Cursor cursor = source.open(null)) {
            long count = 0;
            while (cursor.next() != null) {
                count++;
            }
            return count;
        }
    }

    /** The place behind so many rows, which a source that does not number them is read for. */
    private static Position behind(RowSource source, long rows) throws IOException {
        if (source instanceof NumberedRows) {
            return NumberedRows.behind(rows);
        }
        try (Cursor cursor = source.open(null)) {
            for (long left = rows; left > 0 && cursor.next() != null; left--) {
                // Only where it leads to is needed.
            }
            return cursor.position();
        }
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public Cursor open(@Nullable Position from) throws IOException {
        Cursor all = source.open(from == null ? start : from);
        return new Cursor() {
            @Override
            public @Nullable Item next() throws IOException {
                return all.position().offset() >= end.offset() ? null : all.next();
            }

            @Override
            public Position position() {
                return all.position();
            }

            @Override
            public void close() throws IOException {
                all.close();
            }
        };
    }

    @Override
    public String fingerprint() throws IOException {
        return source.fingerprint() + ", from " + start.offset() + " to " + end.offset();
    }

    @Override
    public List<Column> columns() throws IOException {
        return source instanceof DescribedRows described ? described.columns() : List.of();
    }
}
