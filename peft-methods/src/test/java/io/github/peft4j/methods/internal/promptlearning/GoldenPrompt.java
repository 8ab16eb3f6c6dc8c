package io.github.peft4j.methods.internal.promptlearning;

import ai.djl.Device;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.batch.Batch;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** One folder of {@code golden/prompts}: an adapter as Hugging Face PEFT saved it, and what it computes with it. */
public record GoldenPrompt(String name) {

    /** Where all of them are. */
    public static final Path ROOT = GoldenTensors.resource(GoldenPrompt.class, "/golden/prompts");

    static Stream<GoldenPrompt> all() {
        return SharedGolden.cases(ROOT).stream().map(GoldenPrompt::new);
    }

    /** Those with an encoder, which Hugging Face PEFT's own files lack. */
    static Stream<GoldenPrompt> encoded() {
        return all().filter(GoldenPrompt::hasEncoder);
    }

    /** Those with an encoder and nothing else. */
    static Stream<GoldenPrompt> onlyEncoded() {
        return encoded().filter(given -> !given.name.contains("whole"));
    }

    boolean hasEncoder() {
        return Files.exists(folder().resolve(PromptTable.ENCODER_FILE));
    }

    @Override
    public String toString() {
        return name;
    }

    /** The folder. */
    public Path folder() {
        return ROOT.resolve(name);
    }

    GoldenTensors golden() {
        return GoldenTensors.open(folder().resolve(SharedGolden.TENSORS));
    }

    String text(String file) {
        try {
            return Files.readString(folder().resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The base model. */
    public Model<LanguageHead> base() {
        try {
            return Models.load(
                    SharedGolden.base(name.substring(0, name.indexOf('-'))), Device.cpu(), Precision.FLOAT32);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static double loss(Model<LanguageHead> model, Batch rows) {
        try (Forward context = Forward.inference(model.scope())) {
            return model.head().objective().loss(context, model, rows, 1)
                    / model.head().objective().items(model, rows);
        }
    }
}
