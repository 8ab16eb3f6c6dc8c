package io.github.peft4j.methods.golden;

import ai.djl.Device;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.pretrained.Models;
import io.github.peft4j.testkit.internal.GoldenTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An adapter as Python saved it, and what Python computes with it.
 *
 * @param method folder of the method's cases below {@code golden}
 * @param name architecture and case, with a dash between
 */
public record GoldenAdapter(String method, String name) {

    private static Path root(String method) {
        return GoldenTensors.resource(GoldenAdapter.class, "/golden/" + method);
    }

    /** All cases of a method. */
    public static List<GoldenAdapter> all(String method) {
        return SharedGolden.cases(root(method)).stream()
                .map(name -> new GoldenAdapter(method, name))
                .toList();
    }

    @Override
    public String toString() {
        return name;
    }

    /** The adapter. */
    public Path folder() {
        return root(method).resolve(name);
    }

    /** What is computed with it; close it. */
    public GoldenTensors golden() {
        return GoldenTensors.open(folder().resolve(SharedGolden.TENSORS));
    }

    /** Its base model: the method's own of that name, or the one that all methods share. */
    public Model<LanguageHead> base(Precision precision) {
        String architecture = name.substring(0, name.indexOf('-'));
        Path own = root(method).resolve("base").resolve(architecture);
        try {
            return Models.load(Files.exists(own) ? own : SharedGolden.base(architecture), Device.cpu(), precision);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
