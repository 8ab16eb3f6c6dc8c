package io.github.peft4j.training.data.arrow.internal;

import io.github.peft4j.training.data.columnar.internal.RowBudget;
import io.github.peft4j.training.data.columnar.internal.UnreadableRow;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The values of a column in a batch, as {@link io.github.peft4j.models.internal.json.JsonTree} builds them. */
@FunctionalInterface
interface Column {

    /** All nothing. */
    Column NOTHING = (index, budget) -> null;

    /**
     * A value.
     *
     * @param index from 0
     * @param budget what the row may take
     * @throws DamagedArrow if the file has no such value
     * @throws UnreadableRow if the row takes more than it may, or a text is not valid
     */
    @Nullable
    Object at(long index, RowBudget budget) throws IOException, UnreadableRow;
}
