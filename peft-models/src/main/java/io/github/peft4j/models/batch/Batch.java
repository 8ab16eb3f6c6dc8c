package io.github.peft4j.models.batch;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows that go through a model at once.
 *
 * @param rows B rows
 * @param padded whether rows were brought to one length and are to be computed as they stand, padding and all
 */
public record Batch(List<Row> rows, boolean padded) {

    /** Keeps a list of its own. */
    public Batch {
        rows = List.copyOf(rows);
    }

    /** Rows without padding. */
    public Batch(List<Row> rows) {
        this(rows, false);
    }

    /**
     * Rows with a label for each token.
     *
     * @throws IllegalArgumentException if there are more or fewer rows of labels than of ids, or a row is refused
     */
    public static Batch of(List<int[]> tokenIds, List<int[]> labels) {
        if (tokenIds.size() != labels.size()) {
            throw new IllegalArgumentException(tokenIds.size() + " rows of ids, but " + labels.size() + " of labels");
        }
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < tokenIds.size(); i++) {
            try {
                rows.add(Row.of(tokenIds.get(i), labels.get(i)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("row " + i + ": " + e.getMessage(), e);
            }
        }
        return new Batch(rows);
    }

    /** The rows' token ids, row after row. */
    public List<int[]> tokenIds() {
        return rows.stream().map(Row::tokenIds).toList();
    }

    /** Tokens of all that goes through a model of the rows. */
    public int tokens() {
        return rows.stream().mapToInt(Row::tokens).sum();
    }
}
