package io.github.peft4j.training.report;

import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.report.internal.HeldOutRows;
import io.github.peft4j.training.report.internal.RunPage;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** The reports of a run that there are; each is a listener of its own, for one run. */
public final class Reports {

    private Reports() {}

    /**
     * A CSV file with a line for each step and each evaluation, written as they come. Columns: {@code step}, {@code loss},
     * {@code grad_norm}, {@code learning_rate}, {@code tokens}, {@code supervised_tokens}, {@code seconds}, {@code eval_nll}; what a line does
     * not have is empty.
     *
     * <p>A run that goes on from a checkpoint keeps the lines up to it and adds to them; any other run replaces the file.
     *
     * @param file written once the run starts
     */
    public static TrainingListener csv(Path file) {
        return new CsvReport(file);
    }

    /**
     * Curves for TensorBoard ({@code tensorboard --logdir FOLDER}), under the names that transformers' {@code Trainer} uses:
     * {@code train/loss}, {@code train/grad_norm}, {@code train/learning_rate}, {@code eval/loss} and the metrics of a classifier; besides
     * {@code train/tokens_per_second}.
     *
     * <p>Each run adds a file of its own; TensorBoard shows all files of a folder as one curve.
     *
     * @param folder made if need be once the run starts
     */
    public static TrainingListener tensorBoard(Path folder) {
        return new TensorBoardReport(folder);
    }

    /**
     * A picture (PNG) of the loss over the steps: as it was, smoothed, and on held-out data where that was evaluated. Drawn at each
     * checkpoint and at the end; a run that goes on from a checkpoint draws what was before too. Needs the library
     * {@code org.knowm.xchart:xchart}, and no display.
     *
     * @throws IllegalStateException if the library is not there
     */
    public static TrainingListener lossCurve(Path file) {
        return new LossCurve(file);
    }

    /**
     * A page (HTML) about the run that needs nothing but itself, no network and no script: how it stands, curves, metrics of each evaluation, settings,
     * the computer, times and memory. Written at each checkpoint and at the end, and once more if it is told of an evaluation after that; a run
     * that goes on from a checkpoint shows what was before too.
     */
    public static TrainingListener page(Path file) {
        return new RunPage(file, null);
    }

    /**
     * The same with the rows that the model predicts worst once the run is complete, as text where the model has a tokenizer. They are found row by row,
     * which takes some longer than an evaluation.
     *
     * @param model that is trained
     * @param heldOut rows that it is not trained on
     */
    public static TrainingListener page(Path file, Model<?> model, List<Row> heldOut) {
        return new RunPage(file, new HeldOutRows(model, List.copyOf(heldOut)));
    }

    /**
     * A progress bar with the latest loss and the speed, on the error stream of a terminal of 100 columns and more, say; see {@link
     * #hasTerminal}. Needs the library {@code me.tongfei:progressbar}.
     *
     * @throws IllegalStateException if the library is not there
     */
    public static TrainingListener progress(PrintStream stream) {
        return new ProgressReport(stream);
    }

    /**
     * The same on a terminal of some width: a bar that is wider wraps, and cannot be drawn over.
     *
     * @throws IllegalStateException if the library is not there
     */
    public static TrainingListener progress(PrintStream stream, int columns) {
        return new ProgressReport(stream, columns);
    }

    /** Whether somebody sits in front of this process: a bar in a file or a pipe is a nuisance. */
    public static boolean hasTerminal() {
        return ProgressReport.hasTerminal();
    }
}
