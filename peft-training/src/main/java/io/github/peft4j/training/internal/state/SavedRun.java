package io.github.peft4j.training.internal.state;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.StoredType;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.message.Listed;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.weights.internal.StoredArrays;
import io.github.peft4j.training.config.TrainingConfig;
import io.github.peft4j.training.optimizer.internal.AdamW;
import io.github.peft4j.training.progress.TrainingResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of one {@code checkpoint-N} folder: what Hugging Face reads (an adapter folder, or a checkpoint), and beside it
 * {@code optimizer.safetensors} and {@code trainer_state.json}.
 *
 * <p>{@code optimizer.safetensors} holds both moments of every trained weight ({@code exp_avg.NAME}, {@code exp_avg_sq.NAME}), the number
 * of steps ({@code step}), and the float32 values ({@code weight.NAME}) of those trained weights that the other files hold rounded or
 * not at all: masters of bfloat16 weights, and what a method computes its saved parameters from.
 */
public record SavedRun(Trained trained, AdamW optimizer) {

    public static final String OPTIMIZER = "optimizer.safetensors";

    private static final String VALUES = "weight.";

    /** Counters are float32, which goes up by one as far as this. */
    private static final long LARGEST_COUNT = 1L << 24;

    /**
     * Writes them.
     *
     * @param best the best evaluation so far, or null
     */
    public void write(Path folder, RunState state, TrainingConfig config, TrainingResult.@Nullable Best best)
            throws IOException {
        Model<?> model = trained.model();
        try (Lease change = model.leases().unnoticedChange();
                AtomicWrite write = AtomicWrite.into(folder)) {
            trained.save(folder);
            List<TensorSource> tensors = new ArrayList<>();
            optimizerArrays()
                    .forEach((name, array) -> tensors.add(
                            StoredArrays.source(name, array, model.scope().kernels())));
            write.file(OPTIMIZER, channel -> SafetensorsWriter.write(channel, Map.of(), tensors));
            write.text(RunState.FILE, state.toJson(config, best));
            write.commit();
        }
    }

    /**
     * Puts saved values back.
     *
     * @param steps that the run had done, by its {@link RunState}
     * @throws CheckpointException if a file is missing or damaged, does not fit, is of another step, or holds values that cannot be: all that
     *     differs in one message; nothing is changed then
     */
    public void restore(Path folder, long steps) throws CheckpointException {
        Map<Path, Map<String, NDArray>> files = new LinkedHashMap<>();
        files.put(UntrustedFolder.file(folder, OPTIMIZER), optimizerArrays());
        for (Map.Entry<String, Map<String, Weight>> saved :
                trained.savedInFull().entrySet()) {
            Map<String, NDArray> values = new LinkedHashMap<>();
            saved.getValue().forEach((key, weight) -> values.put(key, weight.array()));
            files.put(saved.getKey().isEmpty() ? folder : UntrustedFolder.file(folder, saved.getKey()), values);
        }
        for (Map.Entry<Path, Map<String, NDArray>> file : files.entrySet()) {
            check(file.getKey(), file.getValue(), steps);
        }
        for (Map.Entry<Path, Map<String, NDArray>> file : files.entrySet()) {
            read(
                    file.getKey(),
                    file.getValue(),
                    (name, values, k) -> k.assign(
                                    Objects.requireNonNull(file.getValue().get(name)), values)
                            .close());
        }
        optimizer.stepsRestored();
    }

    private void check(Path file, Map<String, NDArray> into, long steps) throws CheckpointException {
        List<String> problems = new ArrayList<>();
        read(file, into, (name, values, k) -> {
            if (!k.allFinite(values)) {
                problems.add(name + " holds values that are not finite");
            } else if (name.startsWith(AdamW.SECOND) && hasNegative(k, values)) {
                problems.add(name + " holds negative values, expected means of squares");
            } else if (name.equals(AdamW.STEP) && k.toFloats(values)[0] != Math.min(steps, LARGEST_COUNT)) {
                problems.add(name + " is " + k.toFloats(values)[0] + ", expected " + steps + " as in " + RunState.FILE);
            }
        });
        require(problems, file, "does not hold what " + steps + " steps leave");
    }

    private static boolean hasNegative(Kernels k, NDArray array) {
        try (NDArray negated = k.scale(array, -1);
                NDArray negative = k.activate(ActivationFunction.RELU, negated)) {
            return k.maxAbs(negative) > 0;
        }
    }

    private static void require(List<String> problems, Path file, String what) throws CheckpointException {
        if (!problems.isEmpty()) {
            throw new CheckpointException(file + " " + what + " " + Listed.counted(problems));
        }
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

    /** What is done with each of a file's arrays. */
    private interface Use {
        void of(String name, NDArray values, Kernels kernels);
    }

    private void read(Path file, Map<String, NDArray> into, Use use) throws CheckpointException {
        try (Checkpoint saved = Checkpoint.open(file);
                Scope scope = trained.model().scope().child()) {
            requireFits(file, saved, into);
            for (String name : into.keySet()) {
                try (NDArray values = StoredArrays.read(saved, name, scope, Precision.FLOAT32)) {
                    use.of(name, values, scope.kernels());
                }
            }
        }
    }

    private static void requireFits(Path file, Checkpoint saved, Map<String, NDArray> into) throws CheckpointException {
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, NDArray> entry : into.entrySet()) {
            List<Long> shape = Arrays.stream(entry.getValue().getShape().getShape())
                    .boxed()
                    .toList();
            if (!saved.names().contains(entry.getKey())) {
                problems.add("missing " + entry.getKey() + " " + shape);
                continue;
            }
            TensorInfo info = saved.info(entry.getKey());
            if (!info.shape().equals(shape)) {
                problems.add(entry.getKey() + " has shape " + info.shape() + ", the model needs " + shape);
            } else if (info.type() != StoredType.F32) {
                problems.add(entry.getKey() + " is stored as " + info.type() + ", expected " + StoredType.F32);
            }
        }
        if (file.endsWith(OPTIMIZER)) {
            saved.names().stream()
                    .filter(name -> !into.containsKey(name))
                    .forEach(name -> problems.add("unexpected " + name));
        }
        require(problems, file, "does not fit what is trained");
    }
}
