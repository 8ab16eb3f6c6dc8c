package io.github.peft4j.training.report;

import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** {@link Reports#progress(java.io.PrintStream, int)}. */
final class ProgressReport implements TrainingListener {

    /** All that touches the optional library. */
    private static final class Bar {
        private static final int MILLISECONDS = 200;

        private final ProgressBar bar;

        Bar(TrainingListener.Start start, PrintStream stream, int columns) {
            bar = new ProgressBarBuilder()
                    .setTaskName("training")
                    .setUnit(" steps", 1)
                    .setInitialMax(start.steps())
                    .startsFrom(start.firstStep(), Duration.ZERO)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(MILLISECONDS)
                    .setConsumer(new ConsoleProgressBarConsumer(stream, columns))
                    .build();
        }

        void show(long step, String message) {
            bar.setExtraMessage(message);
            bar.stepTo(step);
        }

        void close() {
            bar.close();
        }
    }

    private static final int USUAL_COLUMNS = 101;
    private static final int MOST_COLUMNS = 120;

    private final PrintStream stream;
    private final int columns;
    private @Nullable Bar bar;

    ProgressReport(PrintStream stream) {
        this(stream, USUAL_COLUMNS);
    }

    /** Draws bars of so many columns. */
    ProgressReport(PrintStream stream, int columns) {
        OptionalLibrary.require("me.tongfei.progressbar.ProgressBar", "me.tongfei:progressbar", "Reports.progress");
        this.stream = stream;
        // The last column stays free: a terminal may begin a new line after it.
        this.columns = Math.max(1, Math.min(MOST_COLUMNS, columns) - 1);
    }

    static boolean hasTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // From Java 22 on there is a console in any case, and it says whether it is a terminal.
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    @Override
    public String name() {
        return "the progress bar";
    }

    @Override
    public void started(TrainingListener.Start start) {
        bar = new Bar(start, stream, columns);
    }

    @Override
    public void step(TrainingListener.Step report) {
        if (bar != null) {
            double speed = report.tokens() / report.seconds();
            bar.show(report.step(), String.format(Locale.ROOT, " loss %.4f, %.0f tokens/s", report.loss(), speed));
        }
    }

    @Override
    public void finished(TrainingResult result) {
        if (bar != null) {
            bar.close();
        }
    }
}
