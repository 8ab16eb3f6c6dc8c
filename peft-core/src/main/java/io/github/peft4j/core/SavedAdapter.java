package io.github.peft4j.core;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.checkpoint.Checkpoint;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.TensorInfo;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.StoredArrays;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An adapter folder that is being read; close it. */
public final class SavedAdapter implements AutoCloseable {

    private static final int MOST_SHOWN = 20;

    private final Path directory;
    private final PeftConfig config;
    private final Checkpoint weights;

    SavedAdapter(Path directory, PeftConfig config, Checkpoint weights) {
        this.directory = directory;
        this.config = config;
        this.weights = weights;
    }

    /** The folder. */
    public Path directory() {
        return directory;
    }

    /** The config. */
    public PeftConfig config() {
        return config;
    }

    /** The tensors, by the names that they have in the file. */
    public Checkpoint weights() {
        return weights;
    }

    /**
     * Copies the saved values into weights, converted to their formats.
     *
     * @param parameters by key in the file; the file may leave {@link Adapter#KEY_PREFIX} out
     * @throws CheckpointException one message with every missing, unexpected and mis-shaped tensor; nothing is copied then
     */
    public void loadInto(Map<String, Weight> parameters) throws CheckpointException {
        assign(check(parameters, key -> null), parameters);
    }

    /**
     * Copies what is kept beside the parameters into weights.
     *
     * @return whether the folder has the file
     * @throws CheckpointException as {@link #loadInto}
     */
    boolean loadBeside(Adapter.Beside beside) throws CheckpointException {
        Path file = directory.resolve(beside.file());
        if (!Files.exists(file)) {
            return false;
        }
        try (SavedAdapter kept = new SavedAdapter(file, config, Checkpoint.open(file))) {
            kept.loadInto(beside.weights());
        }
        return true;
    }

    /** Copies values that {@link #check} found right. */
    void assign(Fit fit, Map<String, Weight> parameters) throws CheckpointException {
        for (Map.Entry<String, String> entry : fit.names.entrySet()) {
            Weight weight = parameters.get(entry.getKey());
            if (weight != null) {
                try (NDArray values =
                        StoredArrays.read(weights, entry.getValue(), weight.scope(), weight.precision())) {
                    weight.assign(values);
                }
            }
        }
    }

    /**
     * How the file's tensors go with an adapter.
     *
     * @param names from an adapter's keys to the names in the file
     * @param others names in the file of weights that are not the adapter's own
     */
    record Fit(Map<String, String> names, Collection<String> others) {}

    /**
     * Compares the file with an adapter.
     *
     * @param others given a name, finds a weight that the file may hold besides, or null
     * @throws CheckpointException one message with every missing, unexpected and mis-shaped tensor
     */
    Fit check(Map<String, Weight> parameters, Function<String, @Nullable Weight> others) throws CheckpointException {
        Map<String, String> names = new LinkedHashMap<>();
        List<String> besides = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String name : weights.names()) {
            String key = parameters.containsKey(name) ? name : Adapter.KEY_PREFIX + name;
            Weight own = parameters.get(key);
            Weight weight = own == null ? others.apply(name) : own;
            if (weight == null) {
                problems.add("unexpected " + name);
                continue;
            }
            if (own == null) {
                besides.add(name);
            } else if (names.put(key, name) != null) {
                problems.add(key + " stands there twice, once without " + Adapter.KEY_PREFIX);
            }
            checkForm(name, weight, own == null, problems);
        }
        parameters.forEach((key, weight) -> {
            if (!names.containsKey(key)) {
                problems.add("missing " + key + " " + shape(weight));
            }
        });
        if (!problems.isEmpty()) {
            throw misfit(problems);
        }
        return new Fit(names, besides);
    }

    private void checkForm(String name, Weight weight, boolean ofBase, List<String> problems)
            throws CheckpointException {
        TensorInfo info = weights.info(name);
        if (!info.shape().equals(shape(weight))) {
            problems.add(name + " has shape " + info.shape() + ", the model needs " + shape(weight)
                    + (ofBase ? ": give the base model the adapter's vocabulary first" : ""));
        } else if (StoredArrays.precision(info.type()) == null) {
            problems.add(name + " is stored as " + info.type() + ", expected F32, F16 or BF16");
        }
    }

    private static List<Long> shape(Weight weight) {
        return Arrays.stream(weight.shape().getShape()).boxed().toList();
    }

    private CheckpointException misfit(List<String> problems) {
        int shown = Math.min(problems.size(), MOST_SHOWN);
        return new CheckpointException("the adapter in " + directory + " does not fit the model (" + problems.size()
                + (problems.size() == 1 ? " problem): " : " problems): ")
                + String.join("; ", problems.subList(0, shown))
                + (problems.size() > shown ? "; and " + (problems.size() - shown) + " more" : ""));
    }

    @Override
    public void close() {
        weights.close();
    }
}
