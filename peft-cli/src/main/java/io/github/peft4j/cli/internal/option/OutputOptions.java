package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.training.progress.TrainingListener;
import io.github.peft4j.training.report.Reports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a training run leaves behind. */
public final class OutputOptions {

    /** What a report is made for. */
    private record Run(
            Path folder, Model<?> model, @Nullable List<Row> heldOut) {}

    /** The kind of report that also takes what is found after the run. */
    public static final String PAGE = "html";

    private static final Map<String, Function<Run, TrainingListener>> REPORTS = new LinkedHashMap<>();

    static {
        REPORTS.put("csv", run -> Reports.csv(run.folder.resolve("metrics.csv")));
        REPORTS.put("tensorboard", run -> Reports.tensorBoard(run.folder.resolve("runs")));
        REPORTS.put("plot", run -> Reports.lossCurve(run.folder.resolve("loss.png")));
        REPORTS.put(PAGE, OutputOptions::page);
    }

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description =
                    "The folder for what is trained: an adapter as Hugging Face PEFT saves it, or a checkpoint. Must be"
                            + " new or empty, but for --resume.")
    @Nullable
    public Path output;

    @Option(
            names = "--save-every",
            paramLabel = "N",
            description =
                    "Write checkpoint-STEP into the output folder every N steps, to go on from with --resume. Default: never.")
    public long saveEvery;

    @Option(names = "--keep", paramLabel = "N", description = "Keep only the N newest checkpoints. Default: all.")
    public int keep;

    @Option(
            names = "--resume",
            description =
                    "Go on from the newest complete checkpoint in the output folder; from the beginning if there is none.")
    public boolean resume;

    @Option(
            names = "--report",
            split = ",",
            paramLabel = "KIND",
            description =
                    "Any of csv (metrics.csv), tensorboard (runs/), plot (loss.png) and html (report.html, a page that"
                            + " needs no network), separated by commas.")
    List<String> reports = new ArrayList<>();

    /**
     * The folder, after it was found fit.
     *
     * @throws BadInput if it is not
     */
    public OutputFolder folder() {
        Path folder = needed().required();
        Given.atLeast(0, saveEvery, "--save-every");
        Given.atLeast(0, keep, "--keep");
        Given.needs(keep > 0, "--keep", saveEvery > 0, "--save-every");
        for (String report : reports) {
            if (!REPORTS.containsKey(report)) {
                throw new BadInput(
                        "--report must be any of " + String.join(", ", REPORTS.keySet()) + ", got \"" + report + "\"");
            }
        }
        return resume ? OutputFolder.toResume(folder) : OutputFolder.fresh(folder, "; or go on with --resume");
    }

    public Given.Needed<Path> needed() {
        return new Given.Needed<>(output, "--output", "a new folder for the adapter");
    }

    private static TrainingListener page(Run run) {
        Path file = run.folder.resolve("report.html");
        return run.heldOut == null ? Reports.page(file) : Reports.page(file, run.model, run.heldOut);
    }

    /**
     * The reports that were asked for, by kind.
     *
     * @param model that is trained
     * @param heldOut rows that it is not trained on, or null
     */
    public Map<String, TrainingListener> reportsIn(Path folder, Model<?> model, @Nullable List<Row> heldOut) {
        Map<String, TrainingListener> chosen = new LinkedHashMap<>();
        REPORTS.forEach((kind, make) -> {
            if (reports.contains(kind)) {
                chosen.put(kind, make.apply(new Run(folder, model, heldOut)));
            }
        });
        return chosen;
    }
}
