package io.github.peft4j.training.data;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.loss.ClassWeights;
import io.github.peft4j.training.data.internal.DataReport;
import io.github.peft4j.training.data.internal.RowCollector;
import io.github.peft4j.training.data.internal.RowSources;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Rows that were read from files and encoded, and what there was.
 *
 * <p>A file is JSON Lines, one object per line, empty lines allowed; or one list of objects; in UTF-8. The keys say what a row is: {@code input_ids} and
 * {@code labels}; {@code messages}; {@code prompt} and {@code completion}; {@code instruction}, {@code input} and {@code output};
 * {@code text}. Other keys are left alone. Only {@code input_ids} and {@code labels} need no tokenizer. Where each row has a label of its
 * own, {@link EncodingOptions#withLabels}, a row is {@code input_ids} or {@code text}, and {@code label}.
 *
 * <p>What is learned: labels as they are; what the assistant says; the completion; the output; all of the text. The token that ends a
 * text follows completion, output and text, and is learned too. The ids of a prompt are those it has alone, as when the model is
 * asked.
 *
 * <p>Every row is read before any is used: all that cannot be used are named in one message with file, line and reason. Rows longer
 * than the greatest length are left out, since to cut one trains on an answer without its end, or are cut ({@link EncodingOptions#withTruncation});
 * either is counted.
 *
 * @param rows in the order of the files
 * @param report what there was
 */
public record Dataset(List<Row> rows, DataReport report) {

    /** Keeps a list of its own. */
    public Dataset {
        rows = List.copyOf(rows);
    }

    /**
     * Weights by which all classes, or tags, count alike over these rows: scikit-learn's {@code "balanced"}, n / (k * count); where several labels can apply,
     * the rows without each by those with it.
     *
     * @param classes how many the model has
     * @throws IllegalArgumentException if rows have no classes
     */
    public double[] balancedWeights(int classes) {
        return ClassWeights.balanced(rows, classes).each();
    }

    /**
     * Reads a file or folder for a model: {@link EncodingOptions#of(Model)}.
     *
     * @throws IOException if it cannot be read, a row is no example, or no row is left; all problems of rows in one message
     * @throws CheckpointException if the model's tokenizer or chat template cannot be opened
     */
    public static Dataset read(Path file, Model<?> model) throws IOException {
        return read(List.of(file), EncodingOptions.of(model));
    }

    /**
     * Reads files, and folders of data files, of which the split {@code train} is taken, or the only one.
     *
     * @param files in the order in which their rows are to come
     * @throws IOException if a file cannot be read, a row is no example, or no row is left; all problems of rows in one message
     * @throws CheckpointException if the checkpoint's tokenizer or chat template cannot be opened
     */
    public static Dataset read(List<Path> files, EncodingOptions options) throws IOException {
        return from(RowSources.of(files, RowSources.Options.DEFAULT), options);
    }

    /**
     * Reads sources, perhaps of one's own.
     *
     * @param sources in the order in which their rows are to come
     * @throws IOException if one cannot be read, a row is no example, or no row is left; all problems of rows in one message
     * @throws CheckpointException if the checkpoint's tokenizer or chat template cannot be opened
     */
    public static Dataset from(List<? extends RowSource> sources, EncodingOptions options) throws IOException {
        return new RowCollector(options).read(sources);
    }

    /**
     * Rows that are not read before the training but on the way, so that there may be more of them than memory holds: {@link
     * io.github.peft4j.training.FineTuner#train(Streamed)}.
     *
     * @param sources in the order in which their rows are to come
     */
    public static Streamed stream(List<? extends RowSource> sources, EncodingOptions options) {
        return new Streamed(List.copyOf(sources), options, 0, List.of(), false);
    }

    /**
     * Rows that are encoded once into a file, from which this run and later ones take them: {@link io.github.peft4j.training.FineTuner#train(Cached)}. They are shuffled as in memory,
     * of which they take none.
     *
     * @param folder of such files, made if need be; what is in it can be removed at any time that no run uses it
     * @param sources in the order in which their rows are to come
     * @param options with the text tools of a folder, as {@link EncodingOptions#of(Model)} has them
     */
    public static Cached cached(Path folder, List<? extends RowSource> sources, EncodingOptions options) {
        return new Cached(folder, List.copyOf(sources), options, List.of(), false);
    }

    /**
     * Rows that are encoded once.
     *
     * @param folder where the file is
     * @param sources where they come from
     * @param options how they become token ids
     * @param parts what rows are drawn from with probabilities, which have all sources in their order; none to take one source after the other
     * @param untilAllEnded whether a pass over parts that are drawn from ends when all have come to their end; or else when the first has
     */
    public record Cached(
            Path folder,
            List<RowSource> sources,
            EncodingOptions options,
            List<Streamed.Part> parts,
            boolean untilAllEnded) {

        /** Keeps lists of its own. */
        public Cached {
            sources = List.copyOf(sources);
            parts = List.copyOf(parts);
        }

        /**
         * The same with rows drawn from parts: {@link Streamed#drawn}. Every pass has the rows that were drawn for the first.
         *
         * @param of what is drawn from, which have all sources in their order
         */
        public Cached drawn(List<Streamed.Part> of, boolean untilAll) {
            return new Cached(folder, sources, options, of, untilAll);
        }
    }

    /**
     * Rows that are read on the way.
     *
     * @param sources where they come from
     * @param options how they become token ids
     * @param window rows that are shuffled together, and are in memory at once; 0 for {@value #USUAL_WINDOW}, or fewer that together have a million tokens, the
     *     first 625, or 65,536 tokens, and each window twice the one before until then, so that a run need not wait long for its first step
     * @param parts what rows are drawn from with probabilities, which have all sources in their order; none to take one source after the other
     * @param untilAllEnded whether a pass over parts that are drawn from ends when all have come to their end; or else when the first has
     */
    public record Streamed(
            List<RowSource> sources, EncodingOptions options, int window, List<Part> parts, boolean untilAllEnded) {

        /**
         * Sources that follow each other, and how often one of their rows is drawn.
         *
         * @param weight its share of the sum of all weights is the probability
         * @param sources how many there are
         */
        public record Part(double weight, int sources) {

            /**
             * Checks the numbers.
             *
             * @throws IllegalArgumentException if the weight is not finite and above 0, or there is no source
             */
            public Part {
                if (!(weight > 0 && Double.isFinite(weight))) {
                    throw new IllegalArgumentException(
                            "weights of a mix must be finite numbers above 0, got " + weight);
                }
                if (sources < 1) {
                    throw new IllegalArgumentException("a part of a mix must have at least 1 source, got " + sources);
                }
            }
        }

        /** As many as {@code shuffle} of Hugging Face's {@code datasets} is mostly called with. */
        public static final int USUAL_WINDOW = 10_000;

        /**
         * Keeps lists of its own.
         *
         * @throws IllegalArgumentException if the window is negative, or doubled rows are not to be kept
         */
        public Streamed {
            sources = List.copyOf(sources);
            parts = List.copyOf(parts);
            if (window < 0) {
                throw new IllegalArgumentException("a window must have at least 1 row, got " + window);
            }
            if (options.oddRows().doubled() != EncodingOptions.OddRows.Choice.KEEP) {
                throw new IllegalArgumentException(
                        "doubled rows cannot be looked for where rows are streamed, since all would have"
                                + " to be remembered: keep them, or read the rows into memory");
            }
        }

        /** The same with so many rows that are shuffled together. */
        public Streamed withWindow(int rows) {
            return new Streamed(sources, options, rows, parts, untilAllEnded);
        }

        /**
         * The same with rows drawn from all sources: {@code interleave_datasets} of Hugging Face's {@code datasets}.
         *
         * @param of the sources, all above 0; their shares of the sum are the probabilities
         * @param untilAll whether a pass ends when all sources have come to their end ({@code all_exhausted}), those before beginning anew; or else when
         *     the first has ({@code first_exhausted})
         */
        public Streamed mixed(List<Double> of, boolean untilAll) {
            return drawn(of.stream().map(weight -> new Part(weight, 1)).toList(), untilAll);
        }

        /**
         * The same with rows drawn from parts, as a folder of several files is one: {@link #mixed}.
         *
         * @param of what is drawn from, which have all sources in their order
         */
        public Streamed drawn(List<Part> of, boolean untilAll) {
            return new Streamed(sources, options, window, of, untilAll);
        }
    }
}
