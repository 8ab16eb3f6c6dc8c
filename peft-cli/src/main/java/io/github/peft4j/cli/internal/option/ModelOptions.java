package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Given;
import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.models.hub.internal.ModelLocation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model. */
public final class ModelOptions {

    @Option(
            names = "--model",
            paramLabel = "FOLDER|ID",
            description =
                    "A checkpoint folder, or a model on a hub: OWNER/NAME or OWNER/NAME@REVISION of Hugging Face, modelscope:OWNER/NAME."
                            + " What the local cache lacks is downloaded.")
    @Nullable
    public String model;

    /**
     * Where it lies.
     *
     * @throws BadInput if none was named
     * @throws IOException if it is not there, and the hub does not give it
     */
    public ModelLocation location(Hub hub) throws IOException {
        return ModelLocation.of(needed().required(), hub);
    }

    public Given.Needed<String> needed() {
        return new Given.Needed<>(model, "--model", "a checkpoint folder or a hub id");
    }
}
