package io.github.peft4j.models.nn;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.nn.internal.PoolingKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * How the hidden states of a row's tokens become one value: by one {@link Mode}, or by several whose results stand side by side.
 * Follows {@code Pooling} of sentence-transformers.
 *
 * <p>Shapes: hidden states of all rows {@code [N, D]}; result {@code [B, modes D]}. Virtual tokens before a row are tokens of it, as there and in
 * PEFT's classifiers, where the attention mask has ones for them.
 *
 * @param modes at least one
 */
public record Pooling(List<Mode> modes) {

    /** A row's first position, whatever stands there. */
    public static final Pooling FIRST = new Pooling(List.of(Mode.CLS));

    /** A row's last token. */
    public static final Pooling LAST = new Pooling(List.of(Mode.LASTTOKEN));

    /** The mean over a row's tokens. */
    public static final Pooling MEAN = new Pooling(List.of(Mode.MEAN));

    /** One way; the names are sentence-transformers'. */
    public enum Mode {
        /** The first position. */
        CLS,
        /** The largest value of each dimension. */
        MAX,
        /** The sum divided by the number of tokens. */
        MEAN,
        /** The sum divided by the root of that number. */
        MEAN_SQRT_LEN_TOKENS,
        /** The mean in which the n-th token counts n times. */
        WEIGHTEDMEAN,
        /** The last token. */
        LASTTOKEN;

        /** The name as configs have it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * The mode of a name; {@code last} and {@code first} are understood too.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static Mode of(String text) {
            return switch (text) {
                case "first" -> CLS;
                case "last" -> LASTTOKEN;
                default ->
                    Arrays.stream(values())
                            .filter(mode -> mode.text().equals(text))
                            .findFirst()
                            .orElseThrow(() -> new IllegalArgumentException("a pooling must be one of "
                                    + Arrays.stream(values()).map(Mode::text).collect(Collectors.joining(", "))
                                    + ", got \"" + text + "\""));
            };
        }

        private boolean readsOne() {
            return this == CLS || this == LASTTOKEN;
        }

        /** What a token counts in a sum: its position from 1 on, and how many tokens there are. */
        private double weight(long position, long count) {
            return switch (this) {
                case MEAN -> 1.0 / count;
                case MEAN_SQRT_LEN_TOKENS -> 1 / Math.sqrt(count);
                case WEIGHTEDMEAN -> position;
                case CLS, MAX, LASTTOKEN -> throw new IllegalStateException(this + " is no sum");
            };
        }
    }

    /**
     * Where the tokens of each row begin and end among those of all, both included.
     *
     * @param first [B] the number of each row's first token
     * @param last [B] that of its last one
     * @param before [B] how many tokens of the row stand before the first of these and are passed over
     */
    public record Spans(long[] first, long[] last, long[] before) {

        /** Checks that each row has a token. */
        public Spans {
            if (first.length != last.length || first.length != before.length) {
                throw new IllegalArgumentException(
                        "rows need one first and one last token each, got " + first.length + " and " + last.length);
            }
            for (int row = 0; row < first.length; row++) {
                if (last[row] < first[row]) {
                    throw new IllegalArgumentException("row " + row + " has no token to be read");
                }
            }
        }

        /** Whole rows. */
        public Spans(long[] first, long[] last) {
            this(first, last, new long[first.length]);
        }

        /** The same without the first {@code count} tokens of each row. */
        public Spans without(long count) {
            return new Spans(
                    Arrays.stream(first).map(n -> n + count).toArray(),
                    last,
                    Arrays.stream(before).map(n -> n + count).toArray());
        }

        private long[] lengths() {
            long[] lengths = new long[first.length];
            Arrays.setAll(lengths, row -> last[row] - first[row] + 1);
            return lengths;
        }
    }

    /** Keeps a list of its own. */
    public Pooling {
        modes = List.copyOf(modes);
        if (modes.isEmpty()) {
            throw new IllegalArgumentException("a pooling needs at least one mode");
        }
    }

    /** Whether one position of each row is read, so that hidden states of others need not be computed. */
    public boolean readsOne() {
        return modes.size() == 1 && modes.get(0).readsOne();
    }

    /**
     * Computes hidden states as far as they are needed, and pools them.
     *
     * @param hidden gives hidden states of some tokens, by their numbers int64 [M], or of all of them for null
     * @param spans where rows lie; if {@link #readsOne}, what lies between their ends may be of other rows
     * @return [B, modes D]
     */
    public Activation of(Forward context, Function<@Nullable NDArray, Activation> hidden, Spans spans) {
        if (readsOne()) {
            try (NDArray tokens = context.scope().longs(read(modes.get(0), spans))) {
                return hidden.apply(tokens);
            }
        }
        try (Activation all = hidden.apply(null)) {
            return of(context, all, spans);
        }
    }

    /**
     * Pools hidden states.
     *
     * @param hidden [N, D], of all tokens
     * @return [B, modes D]
     */
    public Activation of(Forward context, Activation hidden, Spans spans) {
        if (modes.size() == 1) {
            return one(context, modes.get(0), hidden, spans);
        }
        List<Activation> parts = new ArrayList<>();
        modes.forEach(mode -> parts.add(one(context, mode, hidden, spans)));
        Activation beside = Functions.concat(context, parts);
        parts.forEach(Activation::close);
        return beside;
    }

    private static long[] read(Mode mode, Spans spans) {
        return mode == Mode.CLS ? spans.first() : spans.last();
    }

    private static Activation one(Forward context, Mode mode, Activation hidden, Spans spans) {
        if (mode.readsOne()) {
            try (NDArray tokens = context.scope().longs(read(mode, spans))) {
                return Functions.rows(context, hidden, tokens);
            }
        }
        return mode == Mode.MAX ? maximum(context, hidden, spans) : sum(context, mode, hidden, spans);
    }

    private static Activation maximum(Forward context, Activation hidden, Spans spans) {
        Kernels k = context.kernels();
        PoolingKernels pooling = PoolingKernels.of(context.scope());
        long tokens = hidden.array().getShape().get(0);
        NDArray[] found = pooling.rowMaxima(hidden.array(), spans.first(), spans.lengths());
        try (NDArray places = found[1]) {
            List<NDArray> saved = context.save(hidden.needsGradient(), places);
            return context.record(
                    found[0],
                    hidden.needsGradient(),
                    saved,
                    g -> hidden.accumulate(pooling.rowMaximaGradient(g, saved.get(0), tokens), k));
        }
    }

    private static Activation sum(Forward context, Mode mode, Activation hidden, Spans spans) {
        Kernels k = context.kernels();
        PoolingKernels pooling = PoolingKernels.of(context.scope());
        int tokens = Math.toIntExact(hidden.array().getShape().get(0));
        long[] lengths = spans.lengths();
        try (NDArray weights = context.scope().floats(weights(mode, spans, lengths, tokens), tokens, 1)) {
            NDArray sums = pooling.rowSums(hidden.array(), weights, spans.first(), lengths);
            if (!context.isRecording() || !hidden.needsGradient()) {
                return Activation.constant(sums);
            }
            try (NDArray rows = context.scope().longs(rows(spans, tokens))) {
                List<NDArray> saved = context.save(true, weights, rows);
                return context.record(
                        sums,
                        true,
                        saved,
                        g -> hidden.accumulate(pooling.rowSumsGradient(g, saved.get(0), saved.get(1)), k));
            }
        }
    }

    /** What each token counts; nothing where it is of no row. */
    private static float[] weights(Mode mode, Spans spans, long[] lengths, int tokens) {
        float[] weights = new float[tokens];
        for (int row = 0; row < lengths.length; row++) {
            long before = spans.before()[row];
            long count = lengths[row];
            // Where all weights have one divisor it is their sum.
            double total = mode == Mode.WEIGHTEDMEAN
                    ? LongStream.rangeClosed(before + 1, before + count).sum()
                    : 1;
            for (int i = 0; i < count; i++) {
                weights[(int) spans.first()[row] + i] = (float) (mode.weight(before + i + 1, count) / total);
            }
        }
        return weights;
    }

    /** The row of each token; the first one's number stands for tokens of none, which count nothing. */
    private static long[] rows(Spans spans, int tokens) {
        long[] rows = new long[tokens];
        for (int row = 0; row < spans.first().length; row++) {
            Arrays.fill(rows, (int) spans.first()[row], (int) spans.last()[row] + 1, row);
        }
        return rows;
    }
}
