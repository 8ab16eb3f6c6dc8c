package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.loading.Loading;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.hub.internal.Hub;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A saved adapter to use, if any. */
public final class AdapterOption {

    @Option(
            names = "--adapter",
            paramLabel = "DIR|ID",
            description =
                    "An adapter folder as Hugging Face PEFT saves it, or an adapter on a hub. Default: the model alone.")
    private @Nullable String named;

    /** Its folder, once it is found; null for none. */
    @Nullable
    public Path folder;

    /**
     * Finds it, before anything else is loaded.
     *
     * @throws BadInput if it is not there
     * @throws IOException if the hub does not give it
     */
    public void check(Hub hub) throws IOException {
        folder = named == null ? null : Loading.adapterFolder(named, "--adapter", hub);
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
