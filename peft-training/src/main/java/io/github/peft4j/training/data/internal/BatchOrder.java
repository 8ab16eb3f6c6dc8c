package io.github.peft4j.training.data.internal;

import java.util.Arrays;

/**
 * Which rows each batch of an epoch has. Any batch of any epoch can be asked for at any time, so that training goes on from the
 * middle without going through what was before. The last batch of an epoch may be smaller.
 *
 * <p>Shuffled, the order of an epoch depends on the seed, the epoch and the number of rows alone, and stays the same in all
 * versions of Java and of this library.
 *
 * <p>Not safe for concurrent use.
 */
public final class BatchOrder {

    private final int count;
    private final int batchSize;
    private final boolean shuffled;
    private final long seed;
    private int[] order = {};
    private long orderedEpoch = -1;

    private BatchOrder(int count, int batchSize, boolean shuffled, long seed) {
        if (count < 1) {
            throw new IllegalArgumentException("there are no rows");
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException("the batch size must be at least 1, got " + batchSize);
        }
        this.count = count;
        this.batchSize = batchSize;
        this.shuffled = shuffled;
        this.seed = seed;
    }

    /**
     * Batches in the order of the rows, the same in every epoch.
     *
     * @throws IllegalArgumentException if there are no rows or the size is below 1
     */
    public static BatchOrder inOrder(int rows, int batchSize) {
        return new BatchOrder(rows, batchSize, false, 0);
    }

    /**
     * Batches in an order that a seed decides, another in every epoch.
     *
     * @throws IllegalArgumentException if there are no rows or the size is below 1
     */
    public static BatchOrder shuffled(int rows, int batchSize, long seed) {
        return new BatchOrder(rows, batchSize, true, seed);
    }

    /** The number of batches of an epoch. */
    public int perEpoch() {
        return (int) (((long) count + batchSize - 1) / batchSize);
    }

    /**
     * The numbers of a batch's rows, from 0.
     *
     * @param epoch from 0
     * @param index from 0, below {@link #perEpoch()}
     * @throws IndexOutOfBoundsException if there is no such batch
     */
    public int[] batch(long epoch, int index) {
        if (epoch < 0 || index < 0 || index >= perEpoch()) {
            throw new IndexOutOfBoundsException(
                    "no batch " + index + " in epoch " + epoch + ": an epoch has " + perEpoch() + " batches");
        }
        int start = index * batchSize;
        return Arrays.copyOfRange(order(epoch), start, (int) Math.min(start + (long) batchSize, count));
    }

    private int[] order(long epoch) {
        if (orderedEpoch != epoch) {
            int[] places = new int[count];
            Arrays.setAll(places, i -> i);
            if (shuffled) {
                shuffle(places, mix(mix(seed) + epoch));
            }
            order = places;
            orderedEpoch = epoch;
        }
        return order;
    }

    /** Fisher and Yates's shuffle with SplitMix64's numbers. */
    private static void shuffle(int[] places, long start) {
        long state = start;
        for (int i = places.length - 1; i > 0; i--) {
            state += 0x9e3779b97f4a7c15L;
            // The high half of a product with the bound: without bias that could be seen, and without a division.
            int j = (int) Math.multiplyHigh(mix(state) >>> 1, (i + 1L) << 1);
            int place = places[i];
            places[i] = places[j];
            places[j] = place;
        }
    }

    /** The finisher of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
