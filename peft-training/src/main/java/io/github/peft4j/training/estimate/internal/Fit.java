package io.github.peft4j.training.estimate.internal;

import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.internal.LongRows;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.training.estimate.MemoryEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What fits into so much memory, way by way of computing.
 *
 * @param room bytes there are
 * @param rows of a micro-batch, as asked for
 * @param length tokens of each, as asked for
 * @param ways those compared, in the order in which they are recommended
 */
public record Fit(long room, int rows, int length, List<Way> ways) {

    /** What a run must be estimated to leave free, as a share of its estimate: estimates are less than the measured peak by a tenth at most. */
    public static final double MARGIN = 0.1;

    /** More rows than anybody computes at once. */
    public static final int MOST_ROWS = 1 << 16;

    private static final int LONGEST = 1 << 20;

    /** Keeps a list of its own. */
    public Fit {
        ways = List.copyOf(ways);
    }

    /**
     * A way to compute.
     *
     * @param precision the number format
     * @param quantization how frozen linear layers are packed, or null for not at all
     * @param recompute whether blocks are computed again in the backward pass
     * @param needed bytes of the run asked for, without the margin
     * @param longestAlone tokens of the longest row that fits by itself; 0 if none does
     * @param longest the same with as many rows as asked for
     * @param mostRows rows of the length asked for that fit at once; 0 if none does
     */
    public record Way(
            Precision precision,
            @Nullable Quantization quantization,
            boolean recompute,
            long needed,
            int longestAlone,
            int longest,
            int mostRows) {}

    /**
     * How to train in the room there is.
     *
     * @param way how to compute
     * @param rows of a micro-batch: as asked for, or fewer
     * @param length tokens of the longest row: as asked for, or fewer
     */
    public record Choice(Way way, int rows, int length) {}

    /** The formats and packings that are compared, each with recomputation and without. */
    public record Format(Precision precision, @Nullable Quantization quantization) {}

    /**
     * Compares ways.
     *
     * @param count what is trained
     * @param room bytes there are
     * @param rows of a micro-batch
     * @param length tokens of each
     */
    public static Fit of(MemoryCount count, long room, int rows, int length, List<Format> formats) {
        List<Way> ways = new ArrayList<>();
        for (Format format : formats) {
            for (boolean recompute : new boolean[] {false, true}) {
                MemoryEstimate.Run run =
                        new MemoryEstimate.Run(rows, length, recompute, format.quantization, format.precision);
                Search search = new Search(count, room, run);
                ways.add(new Way(
                        format.precision,
                        format.quantization,
                        recompute,
                        count.estimate(run).total(),
                        search.longest(1),
                        search.longest(rows),
                        search.mostRows()));
            }
        }
        return new Fit(room, rows, length, ways);
    }

    /** Whether a run leaves the margin free. */
    private static boolean fits(long needed, long room) {
        return needed * (1 + MARGIN) <= room;
    }

    private record Search(MemoryCount count, long room, MemoryEstimate.Run run) {

        /** Up to which all rows fit: those that are attended to piece by piece may do so where somewhat shorter ones do not. */
        int longest(int rows) {
            int most = Math.min(LONGEST, count.positions());
            int atOnce = Math.min(most, LongRows.FROM - 1);
            return fits(rows, atOnce)
                    ? largest(atOnce, most, length -> fits(rows, length))
                    : largest(0, atOnce, length -> fits(rows, length));
        }

        int mostRows() {
            return run.length() > count.positions() ? 0 : largest(0, MOST_ROWS, rows -> fits(rows, run.length()));
        }

        private boolean fits(int rows, int length) {
            return Fit.fits(count.estimate(run.of(rows, length)).total(), room);
        }

        /** The largest number that fits, of those from one that does. */
        private static int largest(int from, int to, IntPredicate fits) {
            int good = from;
            int bad = to + 1;
            while (bad - good > 1) {
                int middle = (good + bad) >>> 1;
                if (fits.test(middle)) {
                    good = middle;
                } else {
                    bad = middle;
                }
            }
            return good;
        }
    }

    /**
     * What to do: the first way in which all fits that was asked for; else the one in which most rows do, the others being accumulated; else the one
     * with the longest row.
     *
     * @param allowed the format that must be kept to, or null for whichever
     * @return nothing if not even a row of one token fits
     */
    public Optional<Choice> recommended(@Nullable Precision allowed) {
        List<Way> open = ways.stream()
                .filter(way -> allowed == null || way.precision == allowed)
                .toList();
        Way best = null;
        for (Way way : open) {
            if (best == null || Math.min(way.mostRows, rows) > Math.min(best.mostRows, rows)) {
                best = way;
            }
        }
        if (best != null && best.mostRows > 0) {
            return Optional.of(new Choice(best, Math.min(best.mostRows, rows), length));
        }
        for (Way way : open) {
            best = way.longestAlone > (best == null ? 0 : best.longestAlone) ? way : best;
        }
        return best == null || best.longestAlone == 0
                ? Optional.empty()
                : Optional.of(new Choice(best, 1, best.longestAlone));
    }
}
