package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.loading.Loading;
import io.github.peft4j.models.Model;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A saved adapter to use, if any. */
public final class AdapterOption {

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description = "An adapter folder as Hugging Face PEFT saves it. Default: the model alone.")
    @Nullable
    public Path folder;

    /**
     * Checks that it is there, before anything else is loaded.
     *
     * @throws BadInput if it is not
     */
    public void check() {
        if (folder != null) {
            Loading.requireFolder(folder, "--adapter");
        }
    }

    /**
     * Puts it into a model, if there is one.
     *
     * @throws IOException if it cannot be used or does not fit
     */
    public void load(Console console, Model<?> model) throws IOException {
        if (folder != null) {
            Loading.adapter(console, model, folder);
        }
    }
}
