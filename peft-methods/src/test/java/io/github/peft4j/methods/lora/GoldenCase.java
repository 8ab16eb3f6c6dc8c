package io.github.peft4j.methods.lora;

import ai.djl.Device;
import io.github.peft4j.methods.golden.SharedGolden;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** One folder of {@code golden/lora}: an adapter as Hugging Face PEFT saved it, and what it computes with it. */
public record GoldenCase(String name) {

    public static final Path ROOT = GoldenTensors.resource(GoldenCase.class, "/golden/lora");
    /** All of them. */
    public static Stream<GoldenCase> all() {
        return SharedGolden.cases(ROOT).stream().map(GoldenCase::new);
    }

    /** Those that were trained. */
    public static Stream<GoldenCase> trained() {
        return all().filter(given -> {
            try (GoldenTensors golden = given.golden()) {
                return !SharedGolden.metadata(golden, "trace").isNull();
            }
        });
    }

    @Override
    public String toString() {
        return name;
    }

    public Path folder() {
        return ROOT.resolve(name);
    }

    public GoldenTensors golden() {
        return GoldenTensors.open(folder().resolve(SharedGolden.TENSORS));
    }

    public String configText() {
        try {
            return Files.readString(folder().resolve("adapter_config.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Model<LanguageHead> base() {
        return base(Precision.FLOAT32);
    }

    public Model<LanguageHead> base(Precision precision) {
        try {
            return Models.load(SharedGolden.base(name.substring(0, name.indexOf('-'))), Device.cpu(), precision);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
