package io.github.peft4j.training.data.arrow.internal;

import io.github.peft4j.training.data.columnar.internal.RowBudget;
import io.github.peft4j.training.data.columnar.internal.UnreadableRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Columns of lists, objects and maps. */
final class Nested {

    private Nested() {}

    /** Lists. */
    static Column list(Spans spans, Column items) {
        return (index, budget) -> items(spans, items, index, budget);
    }

    private static List<@Nullable Object> items(Spans spans, Column items, long index, RowBudget budget)
            throws IOException, UnreadableRow {
        int size = spans.size(index);
        budget.enter();
        // All of them, before memory is taken; a null costs nothing in the file.
        budget.spend((long) size * RowBudget.NUMBER);
        long start = spans.start(index);
        List<@Nullable Object> list = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            list.add(items.at(start + i, budget));
        }
        budget.leave();
        return list;
    }

    /** Objects, whose values are columns. */
    static Column object(List<String> names, List<Column> values) {
        return (index, budget) -> {
            budget.enter();
            Map<String, @Nullable Object> object = new LinkedHashMap<>(2);
            for (int i = 0; i < names.size(); i++) {
                object.put(names.get(i), values.get(i).at(index, budget));
            }
            budget.leave();
            return object;
        };
    }

    /** Maps: lists of objects of a key and a value. */
    static Column map(Spans spans, Column entries) {
        return (index, budget) -> {
            Map<String, @Nullable Object> map = new LinkedHashMap<>(2);
            for (Object entry : items(spans, entries, index, budget)) {
                if (!(entry instanceof Map<?, ?> pair) || pair.size() != 2) {
                    throw new DamagedArrow("an entry of a map is not a key and a value");
                }
                List<?> both = new ArrayList<@Nullable Object>(pair.values());
                map.put(String.valueOf(both.get(0)), both.get(1));
            }
            return map;
        };
    }
}
