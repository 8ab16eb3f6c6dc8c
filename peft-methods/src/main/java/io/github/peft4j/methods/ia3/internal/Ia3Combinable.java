package io.github.peft4j.methods.ia3.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.core.config.TargetModules;
import io.github.peft4j.core.internal.trained.ModulesToSave;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.Combination;
import io.github.peft4j.core.method.internal.Combinable;
import io.github.peft4j.methods.ia3.Ia3Config;
import io.github.peft4j.methods.internal.layers.FirstValues;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Weight;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes one IA3 adapter of several: \(l = \sum_i w_i l_i\), as Hugging Face PEFT's {@code add_weighted_adapter}. An adapter that is not for
 * a layer leaves it as it is, so its vector there counts as ones; PEFT counts it as zeros, which takes the layer's output away.
 *
 * @see <a href="https://github.com/huggingface/peft/blob/v0.21.2/src/peft/tuners/ia3/model.py">add_weighted_adapter</a>
 */
final class Ia3Combinable implements Combinable {

    private static final String END = "." + Ia3Linear.NAME;

    @Override
    public Ia3Config combinedConfig(List<Part> parts, Combination how) {
        if (how.kind() != Combination.Kind.LINEAR || how.ofProducts()) {
            throw new UnsupportedOperationException(
                    "IA3 adapters have one combination, linear: their vectors are added");
        }
        List<Ia3Config> configs = parts.stream().map(Ia3Combinable::config).toList();
        Ia3Config first = configs.get(0);
        boolean alike =
                configs.stream().allMatch(config -> Objects.equals(config.excludeModules(), first.excludeModules()));
        TargetModules targets = alike ? united(configs, Ia3Config::targetModules) : null;
        TargetModules inner = united(configs, Ia3Config::feedforwardModules);
        if (targets == null || inner == null) {
            targets = new TargetModules.Named(List.copyOf(paths(parts, false)));
            inner = new TargetModules.Named(List.copyOf(paths(parts, true)));
            alike = false;
        }
        return first.toBuilder()
                .targetModules(targets)
                .excludeModules(alike ? first.excludeModules() : null)
                .feedforwardModules(inner)
                .modulesToSave(ModulesToSave.united(
                        configs.stream().map(Ia3Config::modulesToSave).toList()))
                .build();
    }

    private static Ia3Config config(Part part) {
        return (Ia3Config) part.adapter().config();
    }

    private static @Nullable TargetModules united(
            List<Ia3Config> configs, Function<Ia3Config, @Nullable TargetModules> which) {
        return TargetModules.united(configs.stream()
                .map(config -> Objects.requireNonNull(which.apply(config)))
                .toList());
    }

    /** The layers that one of the adapters is for, or those of them whose inputs it scales, by their whole paths. */
    private static Set<String> paths(List<Part> parts, boolean ofInputs) {
        Set<String> paths = new LinkedHashSet<>();
        for (Part part : parts) {
            part.adapter().parameters().forEach((key, weight) -> {
                if (key.endsWith(END) && (!ofInputs || isOfInput(weight))) {
                    paths.add(path(key));
                }
            });
        }
        return paths;
    }

    private static String path(String key) {
        return key.substring(Adapter.KEY_PREFIX.length(), key.length() - END.length());
    }

    private static boolean isOfInput(Weight vector) {
        return vector.shape().get(0) == 1;
    }

    @Override
    public void fill(Adapter combined, List<Part> parts, Combination how) {
        Map<String, Weight> targets = combined.parameters();
        requireSamePlaces(targets, parts);
        targets.forEach((key, target) -> {
            if (key.endsWith(END)) {
                add(key, target, parts);
            } else {
                parts.stream()
                        .map(part -> part.adapter().parameters().get(key))
                        .filter(Objects::nonNull)
                        .forEach(weight -> target.assign(weight.array()));
            }
        });
    }

    private static void requireSamePlaces(Map<String, Weight> targets, List<Part> parts) {
        List<String> unlike = new ArrayList<>();
        for (Part part : parts) {
            part.adapter().parameters().forEach((key, weight) -> {
                Weight target = targets.get(key);
                if (key.endsWith(END) && (target == null || !target.shape().equals(weight.shape()))) {
                    unlike.add(path(key) + " ('" + part.name() + "')");
                }
            });
        }
        if (!unlike.isEmpty()) {
            throw new IllegalArgumentException("Cannot combine adapters of which one scales a layer's inputs and"
                    + " another its outputs: " + unlike);
        }
    }

    private static void add(String key, Weight target, List<Part> parts) {
        Kernels k = target.scope().kernels();
        long[] shape = target.shape().getShape();
        try (NDArray ones = FirstValues.constant(target.scope(), 1, shape);
                NDArray sum = FirstValues.zeros(target.scope(), shape)) {
            for (Part part : parts) {
                Weight vector = part.adapter().parameters().get(key);
                try (NDArray share = k.scale(vector == null ? ones : vector.array(), part.weight())) {
                    k.addInto(sum, share);
                }
            }
            target.assign(sum);
        }
    }
}
