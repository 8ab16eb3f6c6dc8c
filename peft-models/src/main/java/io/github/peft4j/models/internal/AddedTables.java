package io.github.peft4j.models.internal;

import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
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
 * @param maxPositions positions that there are rows for
 */
record AddedTables(
        String modelType, @Nullable Slot types, @Nullable Slot positions, int firstPosition, int maxPositions) {

    /**
     * Adds them; closes x.
     *
     * @param x [N, D]
     * @param typesOfTokens [N], or empty where all are 0
     * @throws IllegalArgumentException if a row is longer than the table of positions
     */
    Activation to(Forward context, Activation x, long[] typesOfTokens) {
        Activation sum = x;
        if (types != null) {
            long[] numbers = typesOfTokens.length == 0 ? new long[context.rows().tokens()] : typesOfTokens;
            sum = plus(context, sum, types, numbers);
        }
        if (positions != null) {
            long[] places = context.rows().positions();
            requireRoom(places);
            sum = plus(
                    context,
                    sum,
                    positions,
                    Arrays.stream(places).map(place -> place + firstPosition).toArray());
        }
        return sum;
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
