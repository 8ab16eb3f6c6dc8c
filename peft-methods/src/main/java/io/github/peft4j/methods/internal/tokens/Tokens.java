package io.github.peft4j.methods.internal.tokens;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import java.util.Arrays;
import java.util.List;

/**
 * The trained vectors of some tokens, which an embedding and an output layer may share.
 *
 * @param numbers the T tokens
 * @param index the same, int64 [T]
 * @param places for each token of the vocabulary its place among the trained ones, or -1; int64 [V]
 * @param vectors float32 [T, D]: what takes the place of the tables' rows, not what is added to them
 */
record Tokens(List<Integer> numbers, NDArray index, NDArray places, Weight vectors) {

    /** Tokens of a table of so many rows. */
    static Tokens of(Scope scope, List<Integer> numbers, long rows, Weight vectors) {
        long[] places = new long[Math.toIntExact(rows)];
        Arrays.fill(places, -1);
        for (int i = 0; i < numbers.size(); i++) {
            places[numbers.get(i)] = i;
        }
        int[] index = numbers.stream().mapToInt(token -> token).toArray();
        return new Tokens(numbers, scope.longs(index), scope.longs(places), vectors);
    }

    void free() {
        vectors.free();
        index.close();
        places.close();
    }
}
