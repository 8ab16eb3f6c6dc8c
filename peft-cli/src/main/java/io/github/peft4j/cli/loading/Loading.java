package io.github.peft4j.cli.loading;

import ai.djl.Device;
import io.github.peft4j.cli.console.BadInput;
import io.github.peft4j.cli.console.Console;
import io.github.peft4j.core.AttachContext;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.hub.ModelLocation;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Quantization;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Loads models and adapters for commands and says so. */
public final class Loading {

    private Loading() {}

    /**
     * Loads a model.
     *
     * @param precision null for the checkpoint's own
     * @param quantization null for as the config says
     * @throws BadInput if the machine lacks what is asked for
     * @throws IOException if the checkpoint cannot be used
     */
    public static Model<LanguageHead> model(
            Console console,
            ModelLocation location,
            Device device,
            @Nullable Precision precision,
            @Nullable Quantization quantization)
            throws IOException {
        Model<LanguageHead> model = BadInput.when(() -> Models.load(
                location.folder(),
                LoadOptions.on(device).withPrecision(precision).withQuantization(quantization)));
        model.setOrigin(Objects.requireNonNull(model.origin()).named(location.name()));
        console.note(String.format(
                Locale.ROOT,
                "model    %s: %s, %,d parameters, %s%s on %s",
                location.name(),
                model.anatomy().className(),
                model.parameterCount(),
                model.precision().text(),
                quantization == null ? "" : " over " + quantization,
                device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu"));
        return model;
    }

    /**
     * Puts a saved adapter into a model.
     *
     * @throws BadInput if there is no such folder
     * @throws IOException if it cannot be used or does not fit
     */
    public static PeftModel<?> adapter(Console console, Model<LanguageHead> model, Path folder) throws IOException {
        requireFolder(folder, "--adapter");
        PeftModel<?> peft = BadInput.when(() -> PeftModel.load(model, folder));
        console.note("adapter  " + folder + ": " + description(peft, AttachContext.DEFAULT_NAME));
        return peft;
    }

    /** What a loaded adapter is, in a few words. */
    public static String description(PeftModel<?> peft, String name) {
        int tokens = peft.vocabSize(name);
        return peft.adapter(name).config().peftType()
                + (tokens == peft.model().config().vocabSize() ? "" : ", with a vocabulary of " + tokens + " tokens");
    }

    /** Checks that there is a folder, before anything else is loaded. */
    public static void requireFolder(Path folder, String option) {
        if (!Files.isDirectory(folder)) {
            throw new BadInput(option + ": no adapter folder at " + folder + ": expected one with adapter_config.json, "
                    + (Files.exists(folder) ? "found a file" : "there is nothing"));
        }
    }
}
