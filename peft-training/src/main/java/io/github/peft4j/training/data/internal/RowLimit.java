package io.github.peft4j.training.data.internal;

import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.text.Tokenizer;
import io.github.peft4j.training.data.EncodingOptions;
import io.github.peft4j.training.data.EncodingOptions.Truncation.Way;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Cuts rows to the greatest length, or into windows of it. Texts are cut as Python's tokenizers cut them, with the special tokens around them kept; token ids,
 * and what they are made of to learn next tokens, as TRL cuts them: as they are.
 */
final class RowLimit {

    private final int most;
    private final Way way;
    private final int overlap;
    private final boolean learns;

    RowLimit(EncodingOptions options) {
        this.most = options.maxLength();
        this.way = options.oddRows().truncation().way();
        this.overlap = options.oddRows().truncation().overlap();
        this.learns = options.labels() == null || options.labels().needed();
    }

    private boolean fits(int length) {
        return length <= most || way == Way.LEAVE_OUT;
    }

    /**
     * What stays of one or two texts that have one label, or become one vector.
     *
     * @throws IllegalArgumentException if there is no room for any token, or they are to be split
     */
    Tokenizer.Pair text(Tokenizer.Pair whole) {
        if (fits(whole.ids().length)) {
            return whole;
        }
        requireOneRow();
        return whole.truncated(most, way == Way.LEFT);
    }

    /**
     * What stays of words; all of them where they are to be split, which {@link #pieces} does when they have labels.
     *
     * @throws IllegalArgumentException if there is no room for any token
     */
    Tokenizer.Words words(Tokenizer.Words whole) {
        return fits(whole.ids().length) || way == Way.WINDOWS ? whole : whole.truncated(most, way == Way.LEFT);
    }

    /**
     * What stays of token ids that have one label, or become one vector.
     *
     * @throws IllegalArgumentException if they are to be split
     */
    int[] ids(int[] whole) {
        if (fits(whole.length)) {
            return whole;
        }
        requireOneRow();
        return way == Way.LEFT
                ? Arrays.copyOfRange(whole, whole.length - most, whole.length)
                : Arrays.copyOf(whole, most);
    }

    private void requireOneRow() {
        if (way == Way.WINDOWS) {
            throw new IllegalArgumentException("a row of more than " + most + " tokens is to be one row,"
                    + " since what it has is of the whole: it can be cut (right or left), not split into windows");
        }
    }

    /**
     * What stays of a row with a label for each token, without what teaches nothing.
     *
     * @param texts below 0 for each token that stands around the text and stays; empty for none
     * @throws IllegalArgumentException if there is no room for any token
     */
    List<Row> pieces(Row row, int[] texts) {
        if (fits(row.length())) {
            return List.of(row);
        }
        if (!learns) {
            requireOneRow();
        }
        int[] own = IntStream.range(0, row.length())
                .filter(i -> texts.length == 0 || texts[i] >= 0)
                .toArray();
        int room = most - (row.length() - own.length);
        if (room <= overlap) {
            throw new IllegalArgumentException("rows of at most " + most + " tokens have room for " + Math.max(0, room)
                    + " beside the special tokens around each: expected more than "
                    + (overlap == 0 ? "none" : "the overlap, " + overlap));
        }
        List<Row> pieces = new ArrayList<>();
        if (way != Way.WINDOWS) {
            int from = way == Way.LEFT ? own.length - room : 0;
            add(pieces, row, own, from, from, from + room);
            return pieces;
        }
        for (int from = 0, learned = 0; learned < own.length; from += room - overlap) {
            int to = Math.min(own.length, from + room);
            add(pieces, row, own, from, learned, to);
            learned = to;
        }
        return pieces;
    }

    /** Adds the part of a row from one of its own tokens to another, of which it learns those from a third on, if there is anything to learn. */
    private void add(List<Row> pieces, Row row, int[] own, int from, int learned, int to) {
        boolean[] left = new boolean[row.length()];
        for (int i = 0; i < own.length; i++) {
            left[own[i]] = i < from || i >= to;
        }
        int[] places = IntStream.range(0, row.length()).filter(i -> !left[i]).toArray();
        Row.Target target = row.target();
        if (target instanceof Row.Target.PerToken each) {
            int[] labels = of(each.labels(), places);
            for (int i = from; i < learned; i++) {
                labels[Arrays.binarySearch(places, own[i])] = Row.Target.IGNORED;
            }
            if (learns && Arrays.stream(labels).allMatch(label -> label == Row.Target.IGNORED)) {
                return;
            }
            target = target(each, labels, places);
        }
        pieces.add(new Row(of(row.tokenIds(), places), of(row.tokenTypes(), places), target));
    }

    private static Row.Target target(Row.Target.PerToken whole, int[] labels, int[] places) {
        if (whole instanceof Row.Target.TokenLabels tags) {
            int[] words = Arrays.stream(tags.words())
                    .map(first -> Math.max(-1, Arrays.binarySearch(places, first)))
                    .toArray();
            return new Row.Target.TokenLabels(labels, words);
        }
        return new Row.Target.NextTokens(labels);
    }

    private static int[] of(int[] values, int[] places) {
        return values.length == 0
                ? values
                : Arrays.stream(places).map(place -> values[place]).toArray();
    }
}
