package io.github.peft4j.cli.internal.memory;

import io.github.peft4j.cli.internal.console.Fields;
import io.github.peft4j.cli.internal.console.Sizes;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.training.estimate.internal.Fit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What fits, as a table for people and as values. */
public final class FitTable {

    private static final String ROW = "%-18s %-15s %10s %12s %14s %12s%n";

    private final Fit fit;
    private final Optional<Fit.Choice> choice;

    /**
     * A table to print.
     *
     * @param kept the format that was asked for, or null for whichever
     */
    public FitTable(Fit fit, @Nullable Precision kept) {
        this.fit = fit;
        this.choice = fit.recommended(kept);
    }

    /** For people: what to do, then all ways, the recommended one first. */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%n%s, of which a tenth of what a run is estimated to need is kept free%n%s%n%n",
                Sizes.shown(fit.room()),
                choice.map(this::said).orElse("not even a row of one token fits")));
        text.append(String.format(
                Locale.ROOT, ROW, "dtype", "", "needs", "longest row", rows(fit.rows()), "rows of " + fit.length()));
        for (Fit.Way way : inOrder()) {
            text.append(String.format(
                    Locale.ROOT,
                    ROW,
                    format(way),
                    way.recompute() ? "--checkpointing" : "",
                    Sizes.shown(way.needed()),
                    count(way.longestAlone(), Integer.MAX_VALUE),
                    count(way.longest(), Integer.MAX_VALUE),
                    count(way.mostRows(), Fit.MOST_ROWS)));
        }
        return text.toString();
    }

    private static String rows(int rows) {
        return rows == 1 ? "alone" : "of " + rows + " rows";
    }

    private static String count(int number, int most) {
        return number == 0 ? "none" : String.format(Locale.ROOT, "%,d", number) + (number == most ? "+" : "");
    }

    private static String format(Fit.Way way) {
        return way.precision().text() + (way.quantization() == null ? "" : " over " + way.quantization());
    }

    private List<Fit.Way> inOrder() {
        List<Fit.Way> ways = new ArrayList<>(fit.ways());
        ways.sort(Comparator.comparing(
                way -> choice.filter(best -> best.way().equals(way)).isEmpty()));
        return ways;
    }

    private String said(Fit.Choice best) {
        String fits;
        if (best.length() < fit.length()) {
            fits = "no row of " + fit.length() + " tokens fits; rows of up to " + best.length() + " do, one at a time";
        } else if (best.rows() < fit.rows()) {
            fits = best.rows() + " of the " + fit.rows() + " rows of " + fit.length() + " tokens fit at once";
        } else {
            fits = fit.rows() + (fit.rows() == 1 ? " row of " : " rows of ") + fit.length() + " tokens "
                    + (fit.rows() == 1 ? "fits" : "fit");
        }
        return fits + ": train with " + String.join(" ", options(best));
    }

    /** The options of train that make a run of the recommended kind. */
    private List<String> options(Fit.Choice best) {
        Fit.Way way = best.way();
        List<String> options = new ArrayList<>(
                List.of("--dtype", way.precision().text(), "--batch-size", String.valueOf(best.rows())));
        int parts = (fit.rows() + best.rows() - 1) / best.rows();
        if (parts > 1) {
            options.addAll(List.of("--gradient-accumulation", String.valueOf(parts)));
        }
        options.addAll(List.of("--max-length", String.valueOf(best.length())));
        if (way.recompute()) {
            options.add("--checkpointing");
        }
        if (way.quantization() != null) {
            options.addAll(List.of("--quantize", way.quantization().toString()));
        }
        return options;
    }

    /** For programs. */
    public Map<String, @Nullable Object> values() {
        return Fields.of("room_mib", mib(fit.room()))
                .and("margin", Fit.MARGIN)
                .and("batch_size", fit.rows())
                .and("max_length", fit.length())
                .and(
                        "recommended",
                        choice.map(best -> Fields.of("batch_size", best.rows())
                                        .and("max_length", best.length())
                                        .and("options", options(best))
                                        .values())
                                .orElse(null))
                .and("ways", inOrder().stream().map(FitTable::values).toList())
                .values();
    }

    private static Map<String, @Nullable Object> values(Fit.Way way) {
        return Fields.of("dtype", way.precision().text())
                .and(
                        "quantize",
                        way.quantization() == null ? null : way.quantization().toString())
                .and("checkpointing", way.recompute())
                .and("total_mib", mib(way.needed()))
                .and("longest_row", way.longestAlone())
                .and("longest_row_of_batch", way.longest())
                .and("largest_batch", way.mostRows())
                .values();
    }

    private static double mib(long bytes) {
        return bytes / (double) Sizes.MIB;
    }
}
