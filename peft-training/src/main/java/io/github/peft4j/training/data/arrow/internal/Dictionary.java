package io.github.peft4j.training.data.arrow.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * Values that columns name by their number, in one or more pieces that came after each other.
 *
 * @param pieces the values
 * @param lengths how many each piece has
 */
record Dictionary(List<Column> pieces, List<Long> lengths) {

    /** Pieces that a dictionary may be written in. */
    private static final int MOST = 10_000;

    /** A dictionary of one piece. */
    static Dictionary of(Column values, long length) {
        return new Dictionary(List.of(values), List.of(length));
    }

    /** The same with more values behind. */
    Dictionary and(Dictionary more) throws DamagedArrow {
        if (pieces.size() == MOST) {
            throw new DamagedArrow("a dictionary is written in more than " + MOST + " pieces");
        }
        List<Column> columns = new ArrayList<>(pieces);
        columns.addAll(more.pieces);
        List<Long> sizes = new ArrayList<>(lengths);
        sizes.addAll(more.lengths);
        return new Dictionary(columns, sizes);
    }

    /** The values that a column names. */
    Column named(Column numbers) {
        return (index, budget) -> {
            Object number = numbers.at(index, budget);
            if (number == null) {
                return null;
            }
            long at = ((Number) number).longValue();
            if (at >= 0) {
                for (int piece = 0; piece < pieces.size(); piece++) {
                    if (at < lengths.get(piece)) {
                        // Values may be lists of what another dictionary names, and so on.
                        budget.enter();
                        Object value = pieces.get(piece).at(at, budget);
                        budget.leave();
                        return value;
                    }
                    at -= lengths.get(piece);
                }
            }
            throw new DamagedArrow("a dictionary has no value " + number);
        };
    }
}
