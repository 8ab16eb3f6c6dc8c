package io.github.peft4j.training.batch.internal;

import io.github.peft4j.training.data.content.internal.SplitMix;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Which rows each batch of an epoch has. Any batch of any epoch can be asked for at any time, so that training goes on from the
 * middle without going through what was before. The last batch of an epoch may be smaller.
 *
 * <p>Shuffled, the order of an epoch depends on the seed, the epoch and the number of rows alone, and stays the same in all
 * versions of Java and of this library. Where rows are grouped by length, or batches filled by tokens, it depends on their lengths too.
 *
 * <p>Not safe for concurrent use.
 */
public final class BatchOrder {

    /** Steps among whose rows those of like lengths are put together, as in transformers. */
    private static final int GROUPED_STEPS = 50;

    private final int count;
    private final IntUnaryOperator tokens;
    private final Cut cut;
    private int[] order = {};
    /** Where each batch ends, where batches are filled by tokens. */
    private int[] ends = {};

    private long orderedEpoch = -1;

    /**
     * How rows are cut into batches.
     *
     * @param rows of a batch, where {@code tokens} is 0
     * @param tokens of a batch at most, but at least one row; 0 to cut by rows
     * @param grouped micro-batches of a step, where rows of like lengths are put together; 0 where they are not
     * @param shuffled whether every epoch has an order of its own
     * @param seed that decides it
     */
    public record Cut(int rows, long tokens, int grouped, boolean shuffled, long seed) {

        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException if a batch would have no row
         */
        public Cut {
            if (rows < 1) {
                throw new IllegalArgumentException("the batch size must be at least 1, got " + rows);
            }
            if (tokens < 0 || grouped < 0) {
                throw new IllegalArgumentException(
                        "tokens and groups must be at least 0, got " + tokens + ", " + grouped);
            }
        }

        /** Whether it depends on how many tokens rows have. */
        boolean needsTokens() {
            return tokens > 0 || grouped > 0;
        }
    }

    /**
     * Batches of rows.
     *
     * @param count how many rows there are
     * @param tokens of each row by its number; asked only where the cut depends on it
     * @throws IllegalArgumentException if there are no rows
     */
    public BatchOrder(int count, IntUnaryOperator tokens, Cut cut) {
        if (count < 1) {
            throw new IllegalArgumentException("there are no rows");
        }
        this.count = count;
        this.tokens = tokens;
        this.cut = cut;
    }

    /** The number of batches of an epoch. */
    public int batches(long epoch) {
        if (cut.tokens == 0) {
            return (int) (((long) count + cut.rows - 1) / cut.rows);
        }
        layOut(epoch);
        return ends.length;
    }

    /**
     * The numbers of a batch's rows, from 0.
     *
     * @param epoch from 0
     * @param index from 0, below {@link #batches}
     * @throws IndexOutOfBoundsException if there is no such batch
     */
    public int[] batch(long epoch, int index) {
        if (epoch < 0 || index < 0 || index >= batches(epoch)) {
            throw new IndexOutOfBoundsException("no batch " + index + " in epoch " + epoch + ": an epoch has "
                    + batches(Math.max(0, epoch)) + " batches");
        }
        layOut(epoch);
        if (cut.tokens > 0) {
            return Arrays.copyOfRange(order, index == 0 ? 0 : ends[index - 1], ends[index]);
        }
        int start = index * cut.rows;
        return Arrays.copyOfRange(order, start, (int) Math.min(start + (long) cut.rows, count));
    }

    private void layOut(long epoch) {
        if (orderedEpoch == epoch) {
            return;
        }
        int[] places = new int[count];
        Arrays.setAll(places, i -> i);
        if (cut.shuffled) {
            shuffle(places, SplitMix.mix(SplitMix.mix(cut.seed) + epoch));
        }
        if (cut.grouped > 0) {
            group(places);
        }
        order = places;
        ends = cut.tokens > 0 ? filled(places) : ends;
        orderedEpoch = epoch;
    }

    /** Fisher and Yates's shuffle with SplitMix64's numbers. */
    private static void shuffle(int[] places, long start) {
        long state = start;
        for (int i = places.length - 1; i > 0; i--) {
            state += 0x9e3779b97f4a7c15L;
            // The high half of a product with the bound: without bias that could be seen, and without a division.
            int j = (int) Math.multiplyHigh(SplitMix.mix(state) >>> 1, (i + 1L) << 1);
            swap(places, i, j);
        }
    }

    private static void swap(int[] places, int i, int j) {
        int place = places[i];
        places[i] = places[j];
        places[j] = place;
    }

    /**
     * transformers' {@code get_length_grouped_indices}: the rows of every 50 steps, or of a fourth of all steps if that is less, are sorted, the
     * longest first, and the longest of all becomes the very first, so that memory that does not suffice is noticed at once.
     */
    private void group(int[] places) {
        long perStep = (cut.tokens == 0 ? cut.rows : rowsByTokens()) * cut.grouped;
        long steps = Math.max(1, Math.min(GROUPED_STEPS, count / (perStep * 4)));
        int size = (int) Math.min(count, perStep * steps);
        int longest = 0;
        for (int start = 0; start < count; start += size) {
            int end = Math.min(count, start + size);
            sort(places, start, end);
            if (tokens.applyAsInt(places[start]) > tokens.applyAsInt(places[longest])) {
                longest = start;
            }
            if (count - start <= size) {
                break;
            }
        }
        swap(places, 0, longest);
    }

    /** About how many rows a batch of so many tokens has. */
    private long rowsByTokens() {
        double mean = IntStream.range(0, count).map(tokens).average().orElse(1);
        return Math.max(1, (long) (cut.tokens / Math.max(1, mean)));
    }

    /** Longest first; of equal lengths in the order in which they were. */
    private void sort(int[] places, int start, int end) {
        long[] keys = new long[end - start];
        int[] before = Arrays.copyOfRange(places, start, end);
        for (int i = 0; i < keys.length; i++) {
            keys[i] = ((long) (Integer.MAX_VALUE - tokens.applyAsInt(before[i])) << 32) | i;
        }
        Arrays.sort(keys);
        for (int i = 0; i < keys.length; i++) {
            places[start + i] = before[(int) keys[i]];
        }
    }

    /** Where batches end that are filled one after the other. */
    private int[] filled(int[] places) {
        int[] found = new int[places.length];
        int batches = 0;
        long sum = 0;
        for (int i = 0; i < places.length; i++) {
            int more = tokens.applyAsInt(places[i]);
            if (sum > 0 && sum + more > cut.tokens) {
                found[batches++] = i;
                sum = 0;
            }
            sum += more;
        }
        found[batches++] = places.length;
        return Arrays.copyOf(found, batches);
    }
}
