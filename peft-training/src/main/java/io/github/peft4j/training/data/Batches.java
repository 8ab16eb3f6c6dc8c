package io.github.peft4j.training.data;

import io.github.peft4j.models.LabelledRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Examples in batches, epoch after epoch. Any batch of any epoch can be asked for at any time, so that training goes on from the
 * middle without going through what was before. The last batch of an epoch may be smaller.
 *
 * <p>Shuffled, the order of an epoch depends on the seed, the epoch and the number of examples alone, and stays the same in all
 * versions of Java and of this library.
 *
 * <p>Not safe for concurrent use.
 */
public final class Batches {

    private final List<Example> examples;
    private final int batchSize;
    private final boolean shuffled;
    private final long seed;
    private int[] order = {};
    private long orderedEpoch = -1;

    private Batches(List<Example> examples, int batchSize, boolean shuffled, long seed) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("there are no examples");
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException("the batch size must be at least 1, got " + batchSize);
        }
        this.examples = List.copyOf(examples);
        this.batchSize = batchSize;
        this.shuffled = shuffled;
        this.seed = seed;
    }

    /**
     * Batches in the order of the examples, the same in every epoch.
     *
     * @throws IllegalArgumentException if there are no examples or the size is below 1
     */
    public static Batches inOrder(List<Example> examples, int batchSize) {
        return new Batches(examples, batchSize, false, 0);
    }

    /**
     * Batches in an order that a seed decides, another in every epoch.
     *
     * @throws IllegalArgumentException if there are no examples or the size is below 1
     */
    public static Batches shuffled(List<Example> examples, int batchSize, long seed) {
        return new Batches(examples, batchSize, true, seed);
    }

    /** The number of batches of an epoch. */
    public int perEpoch() {
        return (int) (((long) examples.size() + batchSize - 1) / batchSize);
    }

    /**
     * The examples of a batch.
     *
     * @param epoch from 0
     * @param index from 0, below {@link #perEpoch()}
     * @throws IndexOutOfBoundsException if there is no such batch
     */
    public List<Example> batch(long epoch, int index) {
        if (epoch < 0 || index < 0 || index >= perEpoch()) {
            throw new IndexOutOfBoundsException(
                    "no batch " + index + " in epoch " + epoch + ": an epoch has " + perEpoch() + " batches");
        }
        int[] places = order(epoch);
        int start = index * batchSize;
        List<Example> batch = new ArrayList<>();
        for (int i = start; i < Math.min(start + (long) batchSize, examples.size()); i++) {
            batch.add(examples.get(places[i]));
        }
        return batch;
    }

    private int[] order(long epoch) {
        if (orderedEpoch != epoch) {
            int[] places = new int[examples.size()];
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

    /** Examples as rows for a model, as they are. */
    public static LabelledRows rows(List<Example> examples) {
        return new LabelledRows(
                examples.stream().map(Example::tokenIds).toList(),
                examples.stream().map(Example::labels).toList());
    }
}
