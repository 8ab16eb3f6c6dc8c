package io.github.peft4j.core.method.internal;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.weights.internal.StoredArrays;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * An adapter folder that is being read; closing it closes the file.
 *
 * @param directory the folder
 * @param config its config
 * @param weights the open file: tensors, by the names that they have there
 */
public record SavedAdapter(Path directory, PeftConfig config, Checkpoint weights) implements AutoCloseable {

    /**
     * Copies the saved values into weights, converted to their formats.
     *
     * @param parameters by key; the file's names may be any spelling of theirs that Hugging Face PEFT reads
     * @throws CheckpointException one message with every missing, unexpected and mis-shaped tensor; nothing is copied then
     */
    public void loadInto(Map<String, Weight> parameters) throws CheckpointException {
        assign(check(AttachContext.DEFAULT_NAME, parameters, Map.of(), MatchedNames.Besides.NONE), parameters);
    }

    /**
     * Copies what is kept beside the parameters into weights.
     *
     * @return whether the folder has the file
     * @throws CheckpointException as {@link #loadInto}
     */
    public boolean loadSidecar(Adapter.Sidecar sidecar) throws CheckpointException {
        Path file = UntrustedFolder.file(directory, sidecar.file());
        if (!Files.exists(file)) {
            return false;
        }
        try (SavedAdapter kept = new SavedAdapter(file, config, Checkpoint.open(file))) {
            int found = kept.weights.names().size();
            if (found != sidecar.tensors()) {
                throw kept.misfit(List.of("it holds " + found + " tensors, the config needs " + sidecar.tensors()));
            }
            kept.loadInto(sidecar.weights());
        }
        return true;
    }

    /** Copies values that {@link #check} found right. */
    public void assign(MatchedNames matched, Map<String, Weight> parameters) throws CheckpointException {
        // In the adapter's order: of two values for what is one weight, the output layer's comes last and counts, as in
        // Hugging Face.
        for (Map.Entry<String, Weight> entry : parameters.entrySet()) {
            String name = matched.names().get(entry.getKey());
            Weight weight = entry.getValue();
            if (name != null) {
                weight.replace(StoredArrays.read(weights, name, weight.scope(), weight.precision()));
            }
        }
    }

    /**
     * Compares the file with an adapter.
     *
     * @param name that the adapter has in the model
     * @param aliases other keys of the same weights
     * @param besides what else the file may hold
     * @throws CheckpointException one message with every missing, unexpected and mis-shaped tensor
     */
    public MatchedNames check(
            String name, Map<String, Weight> parameters, Map<String, String> aliases, MatchedNames.Besides besides)
            throws CheckpointException {
        MatchedNames matched = MatchedNames.of(weights.names(), parameters.keySet(), aliases, name, besides);
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, String> entry : matched.names().entrySet()) {
            Weight weight = Objects.requireNonNull(parameters.get(entry.getKey()));
            checkForm(entry.getValue(), weight, this::settings, problems);
        }
        for (String other : matched.others()) {
            Weight weight = Objects.requireNonNull(besides.find(other));
            checkForm(other, weight, (found, needed) -> "", problems);
        }
        matched.unexpected().forEach(other -> problems.add("unexpected " + other));
        problems.addAll(matched.problems());
        checkCopies(matched.copies(), problems);
        parameters.forEach((key, weight) -> {
            if (!matched.names().containsKey(key)) {
                problems.add("missing " + key + " " + shape(weight));
            }
        });
        problems.addAll(besides.missing(matched.others()));
        if (!problems.isEmpty()) {
            throw misfit(problems);
        }
        return matched;
    }

    /** Notes what is wrong with a tensor's shape or type; {@code why} is given the shapes found and needed. */
    private void checkForm(
            String name, Weight weight, BiFunction<List<Long>, List<Long>, String> why, List<String> problems)
            throws CheckpointException {
        TensorInfo info = weights.info(name);
        List<Long> needed = shape(weight);
        if (!info.shape().equals(needed)) {
            problems.add(name + " has shape " + info.shape() + ", the model needs " + needed
                    + why.apply(info.shape(), needed));
        } else if (StoredArrays.precision(info.type()) == null) {
            problems.add(StoredArrays.unreadable(info));
        } else if (weight.packed() != null) {
            problems.add(name + " is a weight of the base model, which is quantized: load it without quantization");
        }
    }

    /** The settings that ask for sizes which the file does not have, for messages. */
    private String settings(List<Long> found, List<Long> needed) {
        Set<String> said = new LinkedHashSet<>();
        for (int i = 0; i < needed.size(); i++) {
            long size = needed.get(i);
            if (i >= found.size() || found.get(i) != size) {
                config.settings().forEach((key, value) -> {
                    if (value instanceof Integer number && number == size) {
                        said.add(key + " = " + size);
                    } else if (value instanceof Map<?, ?> table) {
                        table.forEach((pattern, number) -> {
                            if (number instanceof Integer whole && whole == size) {
                                said.add(key + " " + pattern + " = " + size);
                            }
                        });
                    }
                });
            }
        }
        return said.isEmpty() ? "" : ": the config says " + String.join(", ", said);
    }

    /** Second copies say nothing of their own, or one of the two is not what was trained. */
    private void checkCopies(Map<String, String> copies, List<String> problems) throws CheckpointException {
        for (Map.Entry<String, String> entry : copies.entrySet()) {
            if (!StoredArrays.sameBytes(weights, entry.getKey(), entry.getValue())) {
                problems.add(
                        entry.getKey() + " and " + entry.getValue() + " differ: one of them is not what was trained");
            }
        }
    }

    /** A weight's shape, as messages print it. */
    public static List<Long> shape(Weight weight) {
        return Arrays.stream(weight.shape().getShape()).boxed().toList();
    }

    private CheckpointException misfit(List<String> problems) {
        return new CheckpointException(
                "the adapter in " + directory + " does not fit the model " + Listed.counted(problems));
    }

    @Override
    public void close() {
        weights.close();
    }
}
