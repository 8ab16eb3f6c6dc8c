package io.github.peft4j.training.data.arrow.internal;

import io.github.peft4j.training.data.RowSource.Cursor;
import io.github.peft4j.training.data.RowSource.Item;
import io.github.peft4j.training.data.RowSource.Position;
import io.github.peft4j.training.data.columnar.internal.NumberedRows;
import io.github.peft4j.training.data.columnar.internal.RowBudget;
import io.github.peft4j.training.data.columnar.internal.UnreadableRow;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes the rows of a file, batch by batch. */
final class ArrowCursor implements Cursor {

    private final ArrowSource source;
    private final ArrowFile file;
    private final RowBudget budget = new RowBudget();
    private List<Column> columns = List.of();
    private long rowsOfBatch;
    private long rowOfBatch;
    private long row;

    ArrowCursor(ArrowSource source, ArrowFile file) {
        this.source = source;
        this.file = file;
    }

    /** Passes over rows, whole batches by their headers alone; behind the last there is nothing. */
    void skip(long rows) throws IOException {
        long left = rows;
        while (left > 0 && nextBatch(left)) {
            long passed = Math.min(left, rowsOfBatch);
            rowOfBatch = passed;
            row += passed;
            left -= passed;
        }
    }

    /** Goes to the next batch, whose columns are not needed where all its rows are passed over. */
    private boolean nextBatch(long passed) throws IOException {
        try {
            ArrowFile.Batch batch = file.next();
            if (batch == null) {
                return false;
            }
            columns = passed >= batch.rows() ? List.of() : file.columns(batch);
            rowsOfBatch = batch.rows();
            rowOfBatch = 0;
            return true;
        } catch (IOException e) {
            throw source.unreadable(e);
        }
    }

    @Override
    public @Nullable Item next() throws IOException {
        if (rowOfBatch == rowsOfBatch && !nextBatch(0)) {
            return null;
        }
        long number = row + 1;
        budget.renew();
        try {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            for (int i = 0; i < columns.size(); i++) {
                fields.put(file.fields().get(i).name(), columns.get(i).at(rowOfBatch, budget));
            }
            return Item.of(number, fields);
        } catch (UnreadableRow e) {
            return Item.unreadable(number, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw source.unreadable(e);
        } catch (ArithmeticException e) {
            throw source.unreadable(new DamagedArrow("row " + number + " is at no place in the file", e));
        } finally {
            rowOfBatch++;
            row = number;
        }
    }

    @Override
    public Position position() {
        return NumberedRows.behind(row);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
