package io.github.peft4j.cli.command;

import io.github.peft4j.cli.console.Console;
import io.github.peft4j.cli.console.Interruption;
import io.github.peft4j.cli.console.Session;
import io.github.peft4j.cli.loading.Task;
import io.github.peft4j.cli.loading.Vocabulary;
import io.github.peft4j.cli.option.AdapterOption;
import io.github.peft4j.cli.option.ComputeOptions;
import io.github.peft4j.cli.option.Given;
import io.github.peft4j.cli.option.ModelOptions;
import io.github.peft4j.cli.option.RowOptions;
import io.github.peft4j.cli.option.TaskOptions;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Row;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.training.data.Dataset;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What commands do that put rows through a model: check their options, read the rows, load the model with its adapter, and use it. */
record RowsOnModel(
        Session session,
        ModelOptions model,
        AdapterOption adapter,
        TaskOptions tasks,
        RowOptions rows,
        ComputeOptions compute) {

    /** What is done with a model and its rows. */
    interface Use {
        void with(Model<?> base, List<Row> rows) throws IOException;
    }

    /**
     * Checks the options, and says what the model is to do.
     *
     * @param purpose what for, in the message that says what is missing
     */
    Task check(String purpose) throws IOException {
        Given.all(model.needed(), rows.needed(purpose));
        ModelLocation location = model.location();
        adapter.check();
        compute.check();
        rows.check();
        return tasks.read(location, adapter.folder);
    }

    /**
     * Reads and loads all of it, and uses it.
     *
     * @param labelled whether rows that are classified need their labels
     */
    void use(Task task, boolean labelled, Use use) throws IOException {
        ModelLocation location = model.location();
        Console console = session.console();
        Vocabulary vocabulary = Vocabulary.of(location, adapter.folder, console);
        Dataset data = rows.read(vocabulary, Map.of("data", rows.files), console, task.labels(labelled))
                .get(0);
        try (Interruption.Guard guard = session.interruption().guard();
                Model<?> base = compute.load(console, location, task)) {
            adapter.load(console, base);
            RowOptions.requirePositions(data, base, "--data");
            use.with(base, data.rows());
        }
    }
}
