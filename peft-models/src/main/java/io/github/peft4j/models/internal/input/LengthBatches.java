package io.github.peft4j.models.internal.input;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/** Cuts rows that are only to be computed, in whatever order: from the longest to the shortest, as many at once as hold some tokens. */
public final class LengthBatches {

    /** Tokens computed at once: enough to keep the processor busy, few enough for activations to stay small. */
    public static final int TOKENS_AT_ONCE = 2048;

    private LengthBatches() {}

    /**
     * Cuts rows.
     *
     * @param length of a row, in tokens; rows of equal length keep their order
     * @return batches of {@link #TOKENS_AT_ONCE} tokens at most, or of one row
     */
    public static <T> List<List<T>> of(List<T> rows, ToIntFunction<T> length) {
        List<T> order =
                rows.stream().sorted(Comparator.comparingInt(length).reversed()).toList();
        List<List<T>> batches = new ArrayList<>();
        int from = 0;
        while (from < order.size()) {
            int tokens = 0;
            int to = from;
            while (to < order.size() && (to == from || tokens + length.applyAsInt(order.get(to)) <= TOKENS_AT_ONCE)) {
                tokens += length.applyAsInt(order.get(to++));
            }
            batches.add(order.subList(from, to));
            from = to;
        }
        return batches;
    }
}
