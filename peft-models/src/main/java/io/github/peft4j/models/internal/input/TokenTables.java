package io.github.peft4j.models.internal.input;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Module;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The layers of a model whose tables have a row for each token, see {@link Model#tokenTables}, for another vocabulary. */
public final class TokenTables {

    private TokenTables() {}

    /**
     * The same layers over tables of another number of rows; what was one weight stays one.
     *
     * <p>The tables are {@linkplain Weight#blank blank}: they have no values yet, and no memory behind them.
     *
     * @param layers by path
     * @param rows of the new tables
     */
    public static Map<String, Module> ofRows(Map<String, Module> layers, long rows) {
        return over(layers, table -> ofRows(table, rows));
    }

    /**
     * The same layers over tables that go on, with the mean of their rows; what was one weight stays one.
     *
     * @param layers by path, frozen
     * @param rows of the tables, more than they have
     */
    public static Map<String, Module> grown(Map<String, Module> layers, long rows) {
        return over(layers, table -> GrownRows.of(table, rows));
    }

    private static Map<String, Module> over(Map<String, Module> layers, UnaryOperator<Weight> other) {
        Map<Weight, Weight> tables = new IdentityHashMap<>();
        Map<String, Module> resized = new LinkedHashMap<>();
        layers.forEach(
                (path, layer) -> resized.put(path, layer.withWeights(table -> tables.computeIfAbsent(table, other))));
        return resized;
    }

    private static Weight ofRows(Weight table, long rows) {
        long[] shape = table.shape().getShape().clone();
        shape[0] = rows;
        return Weight.blank(table.name(), table.computePrecision(), table.scope(), shape);
    }
}
