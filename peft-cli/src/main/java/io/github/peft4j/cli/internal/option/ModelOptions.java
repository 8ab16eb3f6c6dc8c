package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.hub.internal.ModelLocation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model. */
public final class ModelOptions {

    @Option(
            names = "--model",
            paramLabel = "FOLDER|ID",
            description =
                    "A checkpoint folder, or a hub id as ORG/NAME or ORG/NAME@REVISION, looked up in the local hub cache.")
    @Nullable
    public String model;

    /**
     * Where it lies.
     *
     * @throws BadInput if none was named
     * @throws CheckpointException if it is not there
     */
    public ModelLocation location() throws CheckpointException {
        return ModelLocation.of(needed().required());
    }

    public Given.Needed<String> needed() {
        return new Given.Needed<>(model, "--model", "a checkpoint folder or a hub id");
    }
}
