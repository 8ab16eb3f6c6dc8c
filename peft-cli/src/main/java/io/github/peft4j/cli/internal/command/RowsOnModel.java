package io.github.peft4j.cli.internal.command;

import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.cli.internal.console.Interruption;
import io.github.peft4j.cli.internal.console.Session;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.cli.internal.loading.Vocabulary;
import io.github.peft4j.cli.internal.option.AdapterOption;
import io.github.peft4j.cli.internal.option.ComputeOptions;
import io.github.peft4j.cli.internal.option.ModelOptions;
import io.github.peft4j.cli.internal.option.RowOptions;
import io.github.peft4j.cli.internal.option.Sections;
import io.github.peft4j.cli.internal.option.TaskOptions;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.training.data.Dataset;
import io.github.peft4j.training.data.stream.internal.RowFeed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The options of commands that put rows through a model, and what these have in common: they check their options, read the rows, load the model
 * with its adapter, and use it.
 */
final class RowsOnModel {

    private final ModelOptions model;
    private final AdapterOption adapter;
    private final TaskOptions tasks;
    private final RowOptions rows;
    private final ComputeOptions compute;

    /** Adds the options to a command's. */
    RowsOnModel(Sections sections) {
        model = sections.add("Model", new ModelOptions());
        adapter = sections.add("Adapter", new AdapterOption());
        tasks = sections.add("Task", new TaskOptions());
        rows = sections.add("Data", new RowOptions());
        compute = sections.add("Computing", new ComputeOptions());
    }

    /** What is done with a model and its rows. */
    interface Use {
        void with(Model<?> base, List<Row> rows) throws IOException;
    }

    /** What the user calls the model. */
    String modelName() {
        return model.needed().required();
    }

    /** The files of rows. */
    List<Path> files() {
        return rows.files;
    }

    /**
     * Checks the options, and says what the model is to do.
     *
     * @param purpose what for, in the message that says what is missing
     */
    Task check(Session session, String purpose) throws IOException {
        Given.all(model.needed(), rows.needed(purpose));
        compute.check();
        rows.check();
        rows.find(session.hub());
        ModelLocation location = model.location(session.hub());
        adapter.check(session.hub());
        return tasks.read(location, adapter.folder);
    }

    /**
     * Reads and loads all of it, and uses it.
     *
     * @param labelled whether rows that are classified need their labels
     */
    void use(Session session, Task task, boolean labelled, Use use) throws IOException {
        ModelLocation location = model.location(session.hub());
        Console console = session.console();
        Vocabulary vocabulary = Vocabulary.of(location, adapter.folder, console);
        Dataset data = rows.read(
                        vocabulary, Map.of("data", RowFeed.inTurn(rows.sources())), console, task.labels(labelled))
                .get(0);
        try (Interruption.Guard guard = session.interruption().guard();
                Model<?> base = compute.load(console, location, task)) {
            adapter.load(console, base);
            RowOptions.requireReadable(data.rows(), base, "--data");
            use.with(base, data.rows());
        }
    }
}
