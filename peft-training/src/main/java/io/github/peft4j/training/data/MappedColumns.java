package io.github.peft4j.training.data;

import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.training.data.internal.DataException;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows of another source with some values by other names.
 *
 * @param columns names in the other source by the names that they get
 */
record MappedColumns(RowSource source, Map<String, String> columns) implements RowSource {

    /** Names that a message lists; a hostile file may have a new one in every row. */
    private static final int LISTED = 50;

    MappedColumns {
        columns = Map.copyOf(columns);
        columns.forEach((to, from) -> {
            if (to.isEmpty() || from.isEmpty()) {
                throw new IllegalArgumentException("a column must have a name, got " + to + "=" + from);
            }
        });
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public String fingerprint() throws IOException {
        return source.fingerprint() + ", columns " + JsonWriter.shown(new TreeMap<>(columns));
    }

    @Override
    public Cursor open(@Nullable Position from) throws IOException {
        return new Mapped(source.open(from), from == null || from.equals(Position.START));
    }

    /** The value of a name, or that of {@code a.b} in an object {@code a}; null if there is none. */
    private static @Nullable Found find(Map<?, ?> fields, String name) {
        if (fields.containsKey(name)) {
            return new Found(fields.get(name));
        }
        for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
            if (fields.get(name.substring(0, dot)) instanceof Map<?, ?> inner) {
                Found found = find(inner, name.substring(dot + 1));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private record Found(@Nullable Object value) {}

    /** Rows as they are taken, with what was found of the names. */
    private final class Mapped implements Cursor {

        private final Cursor rows;
        /** Whether all rows are seen, so that it can be told that none has a name. */
        private final boolean all;

        private final Set<String> missing = new HashSet<>(columns.values());
        private final Set<String> seen = new LinkedHashSet<>();
        private boolean any;

        private Mapped(Cursor rows, boolean all) {
            this.rows = rows;
            this.all = all;
        }

        @Override
        public @Nullable Item next() throws IOException {
            Item item = rows.next();
            if (item == null) {
                if (all && any && !missing.isEmpty()) {
                    throw new DataException(name() + ": no row has "
                            + JsonWriter.shown(missing.stream().sorted().toList()) + "; expected one of those there: "
                            + JsonWriter.shown(List.copyOf(seen)));
                }
                return null;
            }
            return item.problem() == null ? mapped(item) : item;
        }

        private Item mapped(Item item) {
            any = true;
            Map<String, @Nullable Object> fields = new LinkedHashMap<>(item.fields());
            columns.values().forEach(fields::remove);
            columns.forEach((to, from) -> {
                Found found = find(item.fields(), from);
                if (found != null) {
                    fields.put(to, found.value());
                    missing.remove(from);
                }
            });
            if (!missing.isEmpty() && seen.size() < LISTED) {
                seen.addAll(item.fields().keySet());
            }
            return new Item(item.line(), fields, null, item.plain());
        }

        @Override
        public Position position() {
            return rows.position();
        }

        @Override
        public void close() throws IOException {
            rows.close();
        }
    }
}
