package io.github.peft4j.models.pretrained.internal;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.TensorInfo;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.sharded.ShardedWriter;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.kernel.Kernels;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.weights.internal.StoredArrays;
import io.github.peft4j.models.text.internal.folder.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes checkpoint folders as transformers' {@code save_pretrained} lays them out, from weights that were loaded from another. */
public final class PretrainedFolder {

    private static final String CONFIG = "config.json";

    private static final String GENERATION = "generation_config.json";

    private PretrainedFolder() {}

    /**
     * Where what is written beside weights comes from.
     *
     * @param config the folder of the config and of settings for generation, usually that of the checkpoint whose weights these were
     * @param tokenizer the folder of the tokenizer
     * @param head has files of its own, perhaps
     */
    public record Sources(
            Path config, Path tokenizer, @Nullable Head head) {

        /** Config and tokenizer from one folder. */
        public static Sources of(Path folder) {
            return new Sources(folder, folder, null);
        }
    }

    /** Writes what a head has beside: files of folders at once, before those of the checkpoint, and the rest with them. */
    private record Beside(AtomicWrite root, Path target) implements Head.Beside {

        @Override
        public void text(String name, String text) throws IOException {
            if (name.contains("/")) {
                AtomicWrite.toFile(target.resolve(name), text);
            } else {
                root.text(name, text);
            }
        }

        @Override
        public void copy(String name, Path file) throws IOException {
            AtomicWrite.toFile(target.resolve(name), channel -> TokenizerFiles.copy(file, channel));
        }
    }

    /**
     * Writes weights, config and tokenizer; all appear together.
     *
     * @param weights by Hugging Face's name, each once
     * @param precision the format they are written in, and that the config is to name
     * @param source the folder that config and tokenizer are taken from
     * @param target the folder to write, made if need be
     * @throws CheckpointException if {@code source} has no config, or a file of it is a link that leads out of it
     * @throws IOException if writing fails; the folder is then as it was
     */
    public static void write(Map<String, Weight> weights, Precision precision, Path source, Path target)
            throws IOException {
        write(weights, precision, Sources.of(source), target, Map.of(), ShardedWriter.DEFAULT_SHARD_BYTES);
    }

    /**
     * Writes weights, config and tokenizer; all appear together.
     *
     * @param weights by Hugging Face's name, each once
     * @param precision the format they are written in, and that the config is to name
     * @param sources the folders that config and tokenizer are taken from
     * @param target the folder to write, made if need be
     * @param settings values by key that the config is to have
     * @param shardBytes the size that a file of weights must not exceed
     * @throws CheckpointException if there is no config, or a file is a link that leads out of its folder
     * @throws IOException if writing fails; the folder is then as it was
     */
    public static void write(
            Map<String, Weight> weights,
            Precision precision,
            Sources sources,
            Path target,
            Map<String, Object> settings,
            long shardBytes)
            throws IOException {
        String config = config(sources.config(), precision, settings);
        Map<String, Path> companions = companions(sources);
        List<TensorSource> tensors = new ArrayList<>();
        weights.forEach((name, weight) -> tensors.add(tensor(name, weight, precision)));
        try (AtomicWrite write = AtomicWrite.into(target)) {
            TokenizerFiles.copy(write, companions);
            if (sources.head() != null) {
                sources.head().saveBeside(new Beside(write, target));
            }
            ShardedWriter.stage(write, target, Map.of("format", "pt"), tensors, shardBytes);
            write.text(CONFIG, config);
            write.commit();
        }
    }

    /**
     * Checks that config and tokenizer can be taken from where they are, so that this is known before weights are computed.
     *
     * @throws CheckpointException if there is no config, or a file is a link that leads out of its folder
     */
    public static void requireReadable(Sources sources) throws CheckpointException {
        ConfigJson.read(sources.config());
        companions(sources);
    }

    private static Map<String, Path> companions(Sources sources) throws CheckpointException {
        Map<String, Path> found = TokenizerFiles.found(sources.config(), List.of(GENERATION));
        found.putAll(TokenizerFiles.found(sources.tokenizer(), TokenizerFiles.NAMES));
        return found;
    }

    private static TensorSource tensor(String name, Weight weight, Precision precision) {
        Kernels kernels = weight.scope().kernels();
        List<Long> shape = Arrays.stream(weight.shape().getShape()).boxed().toList();
        return new TensorSource(new TensorInfo(name, StoredArrays.type(precision), shape), sink -> {
            try (NDArray values = weight.in(precision, kernels)) {
                StoredArrays.source(name, values, kernels).content().writeTo(sink);
            }
        });
    }

    /** The source's config, word for word unless something in it must be said otherwise. */
    private static String config(Path source, Precision precision, Map<String, Object> settings) throws IOException {
        Path file = source.resolve(CONFIG);
        // Refuses what is no config, with a message that says so.
        ConfigJson.read(source);
        Map<String, @Nullable Object> config = InputFile.json(file, ConfigJson.LIMITS);
        Map<String, @Nullable Object> before = new HashMap<>(config);
        // What is written is not quantized.
        config.remove("quantization_config");
        config.put(config.containsKey("torch_dtype") ? "torch_dtype" : "dtype", precision.text());
        config.putAll(settings);
        return config.equals(before)
                ? InputFile.text(file, ConfigJson.LIMITS.bytes())
                : JsonWriter.PYTHON.indented("  ").write(config) + "\n";
    }
}
