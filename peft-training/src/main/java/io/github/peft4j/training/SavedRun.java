package io.github.peft4j.training;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.checkpoint.AtomicWrite;
import io.github.peft4j.models.checkpoint.Checkpoint;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.SafetensorsWriter;
import io.github.peft4j.models.checkpoint.TensorSource;
import io.github.peft4j.models.checkpoint.UntrustedFolder;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.lease.Lease;
import io.github.peft4j.models.nn.StoredArrays;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The files of one {@code checkpoint-N} folder: what Hugging Face reads (an adapter folder, or a checkpoint), and beside it
 * {@code optimizer.safetensors} and {@code trainer_state.json}.
 *
 * <p>{@code optimizer.safetensors} holds both moments of every trained weight ({@code exp_avg.NAME}, {@code exp_avg_sq.NAME}), the number
 * of steps ({@code step}), and the float32 values ({@code weight.NAME}) of those trained weights that the other files hold rounded or
 * not at all: masters of bfloat16 weights, and what a method computes its saved parameters from.
 */
record SavedRun(Trained trained, AdamW optimizer) {

    static final String OPTIMIZER = "optimizer.safetensors";

    private static final String VALUES = "weight.";

    void write(Path folder, RunState state, TrainingConfig config) throws IOException {
        trained.save(folder);
        Kernels kernels = trained.model().scope().kernels();
        List<TensorSource> tensors = new ArrayList<>();
        optimizerArrays().forEach((name, array) -> tensors.add(StoredArrays.source(name, array, kernels)));
        try (Lease change = trained.model().leases().unnoticedChange();
                AtomicWrite write = AtomicWrite.into(folder)) {
            write.file(OPTIMIZER, channel -> SafetensorsWriter.write(channel, Map.of(), tensors));
            write.text(RunState.FILE, state.toJson(config));
            write.commit();
        }
    }

    /**
     * Puts saved values back.
     *
     * @throws CheckpointException if a file is missing or damaged, or does not fit: all that differs in one message
     */
    void restore(Path folder) throws CheckpointException {
        read(UntrustedFolder.file(folder, OPTIMIZER), optimizerArrays(), true);
        for (Map.Entry<String, Map<String, Weight>> file : trained.savedInFull().entrySet()) {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            file.getValue().forEach((key, weight) -> arrays.put(key, weight.array()));
            read(file.getKey().isEmpty() ? folder : UntrustedFolder.file(folder, file.getKey()), arrays, false);
        }
        optimizer.stepsRestored();
    }

    private Map<String, NDArray> optimizerArrays() {
        Map<String, NDArray> arrays = new LinkedHashMap<>(optimizer.state());
        Set<Weight> elsewhere = Collections.newSetFromMap(new IdentityHashMap<>());
        trained.savedInFull().values().forEach(file -> elsewhere.addAll(file.values()));
        trained.weights().forEach((name, weight) -> {
            if (!elsewhere.contains(weight)) {
                arrays.put(VALUES + name, weight.array());
            }
        });
        return arrays;
    }

    private void read(Path file, Map<String, NDArray> into, boolean exactly) throws CheckpointException {
        try (Checkpoint saved = Checkpoint.open(file);
                Scope scope = trained.model().scope().child()) {
            requireFits(file, saved, into, exactly);
            for (Map.Entry<String, NDArray> entry : into.entrySet()) {
                try (NDArray values = StoredArrays.read(saved, entry.getKey(), scope, Precision.FLOAT32)) {
                    scope.kernels().assign(entry.getValue(), values).close();
                }
            }
        }
    }

    private static void requireFits(Path file, Checkpoint saved, Map<String, NDArray> into, boolean exactly)
            throws CheckpointException {
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, NDArray> entry : into.entrySet()) {
            List<Long> shape = Arrays.stream(entry.getValue().getShape().getShape())
                    .boxed()
                    .toList();
            if (!saved.names().contains(entry.getKey())) {
                problems.add("missing " + entry.getKey() + " " + shape);
            } else if (!saved.info(entry.getKey()).shape().equals(shape)) {
                problems.add(entry.getKey() + " has shape "
                        + saved.info(entry.getKey()).shape() + ", the model needs " + shape);
            }
        }
        if (exactly) {
            saved.names().stream()
                    .filter(name -> !into.containsKey(name))
                    .forEach(name -> problems.add("unexpected " + name));
        }
        if (!problems.isEmpty()) {
            throw new CheckpointException(file + " does not fit what is trained (" + problems.size() + " problems): "
                    + String.join("; ", problems.subList(0, Math.min(20, problems.size()))));
        }
    }
}
