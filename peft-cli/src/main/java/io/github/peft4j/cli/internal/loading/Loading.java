package io.github.peft4j.cli.internal.loading;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.models.hub.internal.HubName;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Loads models and adapters for commands and says so. */
public final class Loading {

    private Loading() {}

    /**
     * Loads a model.
     *
     * @param head what it is to do
     * @throws BadInput if the machine lacks what is asked for
     * @throws IOException if the checkpoint cannot be used
     */
    public static <H extends Head> Model<H> model(
            Console console, ModelLocation location, LoadOptions options, Class<H> head) throws IOException {
        Model<H> model = BadInput.when(() -> Models.load(location, options, head));
        console.note(String.format(
                Locale.ROOT,
                "model    %s: %s, %,d parameters, %s%s on %s",
                location.name(),
                model.anatomy().className(),
                model.parameterCount(),
                model.precision().text(),
                options.quantization() == null ? "" : " over " + options.quantization(),
                options.device().isGpu() ? "cuda:" + options.device().getDeviceId() : "cpu"));
        return model;
    }

    /**
     * Puts a saved adapter into a model.
     *
     * @throws BadInput if there is no such folder
     * @throws IOException if it cannot be used or does not fit
     */
    public static PeftModel<?> adapter(Console console, Model<?> model, Path folder) throws IOException {
        requireFolder(folder, "--adapter");
        PeftModel<?> peft = BadInput.when(() -> PeftModel.load(model, folder));
        console.note("adapter  " + folder + ": " + description(peft, AttachContext.DEFAULT_NAME));
        return peft;
    }

    /** What a loaded adapter is, in a few words. */
    public static String description(PeftModel<?> peft, String name) {
        int tokens = peft.status().adapter(name).vocabSize();
        return peft.adapter(name).config().peftType()
                + (tokens == peft.model().config().vocabSize() ? "" : ", with a vocabulary of " + tokens + " tokens");
    }

    /**
     * An adapter's folder: one that was named, or one from a hub.
     *
     * @param option what named it
     * @throws BadInput if it is neither
     * @throws IOException if the hub does not give it
     */
    public static Path adapterFolder(String named, String option, Hub hub) throws IOException {
        if (HubName.of(named) != null && !Files.exists(Path.of(named.replace(':', '/')))) {
            return ModelLocation.ofAdapter(named, hub).folder();
        }
        Path folder = Path.of(named);
        requireFolder(folder, option);
        return folder;
    }

    /** Checks that there is a folder, before anything else is loaded. */
    public static void requireFolder(Path folder, String option) {
        if (!Files.isDirectory(folder)) {
            throw new BadInput(option + ": no adapter folder at " + folder + ": expected one with adapter_config.json, "
                    + (Files.exists(folder) ? "found a file" : "there is nothing"));
        }
    }
}
