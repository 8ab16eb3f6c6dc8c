package io.github.peft4j.training.report;

import io.github.peft4j.training.progress.TrainingListener;
import java.io.PrintStream;
import java.nio.file.Path;

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
