package io.github.peft4j.models.internal;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Rows;
import io.github.peft4j.models.nn.Slot;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tables that are added to the embeddings of tokens, virtual ones included.
 *
 * @param modelType for messages
 * @param types a row for each type of tokens, or null
 * @param positions a row for each position, or null
 * @param firstPosition the row of a token without another before it
 * @param uncounted the token that takes no position, and has the row before the first; null if all take one
 * @param maxPositions positions that there are rows for
 */
record AddedTables(
        String modelType,
        @Nullable Slot types,
        @Nullable Slot positions,
        int firstPosition,
        @Nullable Integer uncounted,
        int maxPositions) {

    /**
     * Adds them; closes x.
     *
     * @param x [N, D]
     * @param typesOfTokens [N], or empty where all are 0
     * @param ids [N], or empty where not every token has one, as virtual ones: all are counted then
     * @throws IllegalArgumentException if a row is longer than the table of positions
     */
    Activation to(Forward context, Activation x, long[] typesOfTokens, int[] ids) {
        Activation sum = x;
        if (types != null) {
            long[] numbers = typesOfTokens.length == 0 ? new long[context.rows().tokens()] : typesOfTokens;
            sum = plus(context, sum, types, numbers);
        }
        if (positions != null) {
            long[] places = places(context.rows(), ids);
            requireRoom(places);
            sum = plus(
                    context,
                    sum,
                    positions,
                    Arrays.stream(places).map(place -> place + firstPosition).toArray());
        }
        return sum;
    }

    private long[] places(Rows rows, int[] ids) {
        long[] places = rows.positions();
        if (uncounted == null || ids.length == 0) {
            return places;
        }
        int token = 0;
        for (int row = 0; row < rows.count(); row++) {
            long next = rows.past()[row];
            for (int i = 0; i < rows.lengths()[row]; i++, token++) {
                places[token] = ids[token] == uncounted ? -1 : next++;
            }
        }
        return places;
    }

    private static Activation plus(Forward context, Activation x, Slot table, long[] numbers) {
        try (x;
                Activation rows = Activation.constant(context.scope().longs(numbers));
                Activation found = table.forward(context, rows)) {
            return context.add(x, found);
        }
    }

    private void requireRoom(long[] places) {
        long last = Arrays.stream(places).max().orElse(0);
        if (last >= maxPositions) {
            throw new IllegalArgumentException("a row has " + (last + 1) + " positions, but " + modelType
                    + " has a table of " + maxPositions + ": shorten the rows");
        }
    }
}
