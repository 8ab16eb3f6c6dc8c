package io.github.peft4j.training.data;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.loss.ClassWeights;
import io.github.peft4j.training.data.internal.DataReport;
import io.github.peft4j.training.data.internal.RowCollector;
import io.github.peft4j.training.data.internal.RowReader;
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
     * Reads a file for a model: {@link EncodingOptions#of(Model)}.
     *
     * @throws IOException if it cannot be read, a row is no example, or no row is left; all problems of rows in one message
     * @throws CheckpointException if the model's tokenizer or chat template cannot be opened
     */
    public static Dataset read(Path file, Model<?> model) throws IOException {
        return read(List.of(file), EncodingOptions.of(model));
    }

    /**
     * Reads files.
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
        RowCollector collector = new RowCollector(options);
        return collector.finish(RowReader.read(sources, collector), sources);
    }
}
