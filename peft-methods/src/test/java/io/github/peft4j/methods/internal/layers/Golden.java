package io.github.peft4j.methods.internal.layers;

import ai.djl.Device;
import io.github.peft4j.core.internal.store.AdapterStore;
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
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * One of {@code tools/golden_layers.py}'s cases.
 *
 * @param method its folder, for example {@code ia3}
 * @param name begins with the base model's name
 */
public record Golden(String method, String name) {

    private static final Path ROOT = GoldenTensors.resource(Golden.class, "/golden");
    /** All cases of a method. */
    static Stream<Golden> all(String method) {
        try (Stream<Path> folders = Files.list(ROOT.resolve(method))) {
            return folders
                    .filter(Files::isDirectory)
                    .map(folder -> new Golden(method, folder.getFileName().toString()))
                    .sorted(Comparator.comparing(Golden::name))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** The adapter as Python saved it. */
    public Path folder() {
        return ROOT.resolve(method).resolve(name);
    }

    /** What it computes and how it is trained. */
    public GoldenTensors tensors() {
        return GoldenTensors.open(folder().resolve(SharedGolden.TENSORS));
    }

    /** What a case computes together with another. */
    public GoldenTensors together(String other) {
        return GoldenTensors.open(ROOT.resolve(method).resolve(name + "+" + other + ".safetensors"));
    }

    /** The text of its config file. */
    public String configText() {
        try {
            return Files.readString(folder().resolve(AdapterStore.CONFIG));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The base model. */
    public Model<LanguageHead> base(Precision precision) {
        String base = name.substring(0, name.indexOf('-'));
        try {
            return Models.load(SharedGolden.base(base), Device.cpu(), precision);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The base model in float32. */
    public Model<LanguageHead> base() {
        return base(Precision.FLOAT32);
    }
}
