package io.github.peft4j.training.data.content.internal;

import io.github.peft4j.models.batch.Row;
import java.util.List;

/**
 * Which rows were there before, by 64 bits of what is in them: of ten million rows that differ two are taken for alike with a chance of three in a million. Memory
 * is bounded: rows after the first 8,388,608 that differ are compared with those alone.
 */
public final class SeenRows {

    private static final int MOST = 1 << 24;

    private long[] table = new long[1 << 10];
    private int used;

    /** None yet. */
    public SeenRows() {}

    /**
     * Adds what a row became.
     *
     * @return whether it was there before
     */
    public boolean add(List<Row> rows) {
        long hash = hash(rows);
        int place = place(hash);
        if (table[place] == hash) {
            return true;
        }
        if (2 * (used + 1) <= MOST) {
            table[place] = hash;
            if (2 * ++used > table.length) {
                grow();
            }
        }
        return false;
    }

    private void grow() {
        long[] old = table;
        table = new long[Math.min(MOST, 2 * old.length)];
        for (long hash : old) {
            if (hash != 0) {
                table[place(hash)] = hash;
            }
        }
    }

    /** Where a hash is, or would be. */
    private int place(long hash) {
        int place = (int) (hash >>> 32) & (table.length - 1);
        while (table[place] != 0 && table[place] != hash) {
            place = (place + 1) & (table.length - 1);
        }
        return place;
    }

    /** Never 0, which stands for nothing. */
    private static long hash(List<Row> rows) {
        long hash = 1;
        for (Row row : rows) {
            for (int[] ids : row.sequences()) {
                hash = mixed(hash, ids);
            }
            hash = mixed(hash, row.tokenTypes());
            hash = mixed(hash, RowDigest.numbers(row.target()));
        }
        return hash == 0 ? 1 : hash;
    }

    private static long mixed(long start, int[] values) {
        long hash = mixed(start, values.length);
        for (int value : values) {
            hash = mixed(hash, value);
        }
        return hash;
    }

    /** One round of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mixed(long hash, int value) {
        long z = (hash ^ value) + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
