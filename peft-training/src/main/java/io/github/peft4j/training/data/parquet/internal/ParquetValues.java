package io.github.peft4j.training.data.parquet.internal;

import io.github.peft4j.training.data.columnar.internal.RowBudget;
import io.github.peft4j.training.data.columnar.internal.UnreadValue;
import io.github.peft4j.training.data.columnar.internal.UnreadableRow;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.duckdb.JsonNode;
import org.jspecify.annotations.Nullable;

/** DuckDB's values as a reader of JSON builds them. */
final class ParquetValues {

    private ParquetValues() {}

    /**
     * A value.
     *
     * @param type the column's, for messages
     * @throws UnreadableRow if the row takes more than it may
     */
    static @Nullable Object of(@Nullable Object value, String type, RowBudget budget)
            throws SQLException, UnreadableRow {
        if (value == null) {
            return null;
        }
        budget.spend(RowBudget.NUMBER);
        if (value instanceof String text) {
            budget.spend(RowBudget.PART + (long) text.length());
            return text;
        }
        if (value instanceof JsonNode text) {
            return of(text.toString(), type, budget);
        }
        if (value instanceof Boolean || value instanceof Double || value instanceof Integer) {
            return value;
        }
        if (value instanceof Float number) {
            return (double) number;
        }
        if (value instanceof Byte || value instanceof Short) {
            return ((Number) value).intValue();
        }
        if (value instanceof Long number) {
            return whole(number);
        }
        if (value instanceof BigInteger number) {
            return number.bitLength() < Long.SIZE ? whole(number.longValue()) : number;
        }
        if (value instanceof Array list) {
            return list((Object[]) list.getArray(), type, budget);
        }
        if (value instanceof DuckDBStruct object) {
            return object(object.getMap(), type, budget);
        }
        if (value instanceof Map<?, ?> map) {
            return object(map, type, budget);
        }
        return new UnreadValue(type.toLowerCase(Locale.ROOT));
    }

    private static Number whole(long value) {
        return (int) value == value ? (Number) (int) value : (Number) value;
    }

    private static List<@Nullable Object> list(@Nullable Object[] items, String type, RowBudget budget)
            throws SQLException, UnreadableRow {
        budget.enter();
        budget.spend((long) items.length * RowBudget.NUMBER);
        List<@Nullable Object> list = new ArrayList<>(items.length);
        for (Object item : items) {
            list.add(of(item, type, budget));
        }
        budget.leave();
        return list;
    }

    private static Map<String, @Nullable Object> object(Map<?, ?> values, String type, RowBudget budget)
            throws SQLException, UnreadableRow {
        budget.enter();
        Map<String, @Nullable Object> object = new LinkedHashMap<>(2);
        for (Map.Entry<?, ?> entry : values.entrySet()) {
            object.put(String.valueOf(entry.getKey()), of(entry.getValue(), type, budget));
        }
        budget.leave();
        return object;
    }
}
