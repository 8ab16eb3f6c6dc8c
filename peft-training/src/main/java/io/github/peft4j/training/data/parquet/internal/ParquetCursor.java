package io.github.peft4j.training.data.parquet.internal;

import io.github.peft4j.training.data.RowSource.Cursor;
import io.github.peft4j.training.data.RowSource.Item;
import io.github.peft4j.training.data.RowSource.Position;
import io.github.peft4j.training.data.columnar.internal.NumberedRows;
import io.github.peft4j.training.data.columnar.internal.RowBudget;
import io.github.peft4j.training.data.columnar.internal.UnreadableRow;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes the rows of a file, which DuckDB reads as they are asked for. */
final class ParquetCursor implements Cursor {

    private final ParquetSource source;
    private final Connection database;
    private final ResultSet rows;
    private final List<String> names = new ArrayList<>();
    private final List<String> types = new ArrayList<>();
    private final RowBudget budget = new RowBudget();
    private long row;

    /**
     * A cursor that closes the database.
     *
     * @param first the number of the first row, from 0
     */
    ParquetCursor(ParquetSource source, Connection database, ResultSet rows, long first) throws SQLException {
        this.source = source;
        this.database = database;
        this.rows = rows;
        this.row = first;
        ResultSetMetaData about = rows.getMetaData();
        for (int i = 1; i <= about.getColumnCount(); i++) {
            names.add(about.getColumnName(i));
            types.add(about.getColumnTypeName(i));
        }
    }

    @Override
    public @Nullable Item next() throws IOException {
        try {
            if (!rows.next()) {
                return null;
            }
            row++;
            budget.renew();
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                fields.put(names.get(i), ParquetValues.of(rows.getObject(i + 1), types.get(i), budget));
            }
            return Item.of(row, fields);
        } catch (UnreadableRow e) {
            return Item.unreadable(row, String.valueOf(e.getMessage()));
        } catch (SQLException e) {
            throw source.unreadable(e);
        }
    }

    @Override
    public Position position() {
        return NumberedRows.behind(row);
    }

    @Override
    public void close() throws IOException {
        source.close(database);
    }
}
