package io.github.peft4j.core.internal.store;

import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.config.internal.ConfigValues;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.method.internal.SavedAdapter;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.AtomicWrite;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.checkpoint.internal.FileProblem;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.checkpoint.internal.TensorSource;
import io.github.peft4j.models.checkpoint.internal.UntrustedFolder;
import io.github.peft4j.models.checkpoint.internal.safetensors.SafetensorsWriter;
import io.github.peft4j.models.internal.json.JsonLimits;
import io.github.peft4j.models.internal.json.JsonWriter;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.weights.internal.StoredArrays;
import io.github.peft4j.models.pretrained.internal.LabelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Adapter folders as Hugging Face PEFT lays them out: {@code adapter_config.json}, {@code adapter_model.safetensors} and a model card; the
 * adapter named {@code default} in the folder itself, any other in a folder of its name within.
 */
public final class AdapterStore {

    /** The config. */
    public static final String CONFIG = "adapter_config.json";

    /** The weights. */
    public static final String WEIGHTS = "adapter_model.safetensors";

    /** The weights in folders that older versions of Hugging Face PEFT wrote. */
    public static final String PICKLED_WEIGHTS = "adapter_model.bin";

    /** The model card. */
    public static final String CARD = "README.md";

    /** Far above any real config or card. */
    private static final JsonLimits LIMITS = JsonLimits.ofBytes(16 << 20);

    private AdapterStore() {}

    /**
     * Opens an adapter folder.
     *
     * @throws CheckpointException if a file is missing or damaged, or the config is not valid or not supported
     */
    public static SavedAdapter open(Path directory, PeftMethods methods) throws CheckpointException {
        PeftConfig config = readConfig(UntrustedFolder.file(directory, CONFIG), methods);
        return new SavedAdapter(directory, config, Checkpoint.open(weights(directory)));
    }

    /**
     * The file that an adapter's weights are in.
     *
     * @throws CheckpointException if there is none, or it is a link that leads out of the folder
     */
    public static Path weights(Path directory) throws CheckpointException {
        for (String name : List.of(WEIGHTS, PICKLED_WEIGHTS)) {
            Path file = UntrustedFolder.file(directory, name);
            if (Files.exists(file)) {
                return file;
            }
        }
        throw new CheckpointException(
                "Can't find weights in " + directory + ": expected " + WEIGHTS + " or " + PICKLED_WEIGHTS);
    }

    /**
     * Reads a config file.
     *
     * @throws CheckpointException if there is none, or it is not valid or not supported
     */
    public static PeftConfig readConfig(Path file, PeftMethods methods) throws CheckpointException {
        ConfigValues values = values(file);
        String type = values.constantNameOrNull("peft_type");
        if (type == null) {
            throw new CheckpointException(file + " lacks peft_type: expected the method's name, for example \"LORA\"");
        }
        try {
            return methods.byType(type).schema().read(values);
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            String message = String.valueOf(e.getMessage());
            throw new CheckpointException(message.contains(file.toString()) ? message : message + " (" + file + ")", e);
        }
    }

    /**
     * The values of a config file, whatever its method.
     *
     * @throws CheckpointException if there is no such file or it is no JSON object
     */
    public static ConfigValues values(Path file) throws CheckpointException {
        if (!Files.exists(file)) {
            throw new CheckpointException(missing(file.toAbsolutePath().getParent(), file));
        }
        return ConfigValues.of(InputFile.json(file, LIMITS), file.toString());
    }

    private static String missing(@Nullable Path folder, Path file) throws CheckpointException {
        String message = "Can't find '" + file.getFileName() + "' at '" + folder + "'";
        if (folder == null || !Files.exists(folder)) {
            return message + ": there is no such folder";
        }
        if (!Files.isDirectory(folder)) {
            return message + ": expected a folder, found a file";
        }
        List<String> below = List.copyOf(folders(folder).keySet());
        return message
                + (below.isEmpty() ? "" : "; there are adapters in folders below: " + below + ", name one of them");
    }

    /**
     * The adapters in a folder, by name: {@code default} for the folder itself, then those in folders within.
     *
     * @throws CheckpointException if the folder cannot be read, or a folder in it is a link to one elsewhere
     */
    public static Map<String, Path> folders(Path directory) throws CheckpointException {
        Map<String, Path> found = new LinkedHashMap<>();
        if (Files.exists(directory.resolve(CONFIG))) {
            found.put(AttachContext.DEFAULT_NAME, directory);
        }
        for (Path folder : below(directory)) {
            if (Files.exists(folder.resolve(CONFIG))) {
                String name = String.valueOf(folder.getFileName());
                found.putIfAbsent(name, UntrustedFolder.file(directory, name));
            }
        }
        return found;
    }

    private static List<Path> below(Path directory) throws CheckpointException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new CheckpointException("cannot read the folder " + directory + ": " + FileProblem.of(e), e);
        }
    }

    /**
     * Writes an adapter: {@code default} into the folder itself, another into a folder of its name.
     *
     * @throws IOException if writing fails; the adapter's files are then as they were
     */
    public static void write(Path directory, String name, Adapter adapter, Anatomy anatomy) throws IOException {
        write(directory, name, adapter.config(), adapter.parameters(), adapter.sidecar(), Map.of());
        writeCard(directory, adapter.config(), anatomy);
    }

    /** The folder of an adapter: {@code default} lies in the folder of all itself. */
    public static Path folder(Path directory, String name) {
        return name.equals(AttachContext.DEFAULT_NAME) ? directory : directory.resolve(name);
    }

    /**
     * Writes an adapter's files.
     *
     * @param told what the outputs of the model's head are called, if there is more to say than how many there are
     * @throws IOException if writing fails; the adapter's files are then as they were
     */
    public static void write(
            Path directory,
            String name,
            PeftConfig config,
            Map<String, Weight> weights,
            Optional<Adapter.Sidecar> sidecar,
            Map<String, Object> told)
            throws IOException {
        Path folder = folder(directory, name);
        requireFolder(directory);
        requireFolder(folder);
        try (AtomicWrite write = AtomicWrite.into(folder)) {
            write(write, WEIGHTS, weights);
            if (sidecar.isPresent()) {
                writeSidecar(write, sidecar.get());
            }
            if (told.isEmpty()) {
                write.remove(LabelFile.NAME);
            } else {
                write.text(LabelFile.NAME, LabelFile.text(told));
            }
            write.text(CONFIG, json(config));
            write.commit();
        }
    }

    private static void writeSidecar(AtomicWrite write, Adapter.Sidecar sidecar) throws IOException {
        Map<String, Weight> weights = sidecar.weights();
        if (weights.isEmpty()) {
            write.remove(sidecar.file());
        } else {
            write(write, sidecar.file(), weights);
        }
    }

    private static void write(AtomicWrite write, String file, Map<String, Weight> weights) throws IOException {
        List<TensorSource> tensors = new ArrayList<>();
        // What is merged into a weight for the time being is no part of it.
        weights.forEach((key, weight) -> tensors.add(
                StoredArrays.source(key, weight.original(), weight.scope().kernels())));
        write.file(file, channel -> SafetensorsWriter.write(channel, Map.of("format", "pt"), tensors));
    }

    private static void requireFolder(Path directory) throws IOException {
        if (Files.isRegularFile(directory)) {
            throw new IOException("Provided path (" + directory + ") should be a directory, not a file");
        }
    }

    /** Writes the model card, or brings the one there up to date. */
    public static void writeCard(Path directory, PeftConfig config, Anatomy anatomy) throws IOException {
        CommonSettings common = config.common();
        ModelCard card = new ModelCard(
                config.peftType(),
                anatomy.className(),
                common.baseModel(),
                common.taskType() == TaskType.CAUSAL_LM,
                CommonSettings.PEFT_VERSION);
        Path file = UntrustedFolder.file(directory, CARD);
        String before = InputFile.textIfPresent(file, LIMITS.bytes());
        AtomicWrite.toFile(file, before == null ? card.create() : card.update(before));
    }

    /** The text of {@code adapter_config.json}. */
    public static String json(PeftConfig config) {
        CommonSettings common = config.common();
        Map<String, @Nullable Object> all = new TreeMap<>(common.unknown());
        all.putAll(config.settings());
        all.put("peft_type", config.peftType());
        all.put(
                "task_type",
                common.taskType() == null ? null : common.taskType().name());
        all.put("base_model_name_or_path", common.baseModel());
        all.put("revision", common.revision());
        all.put("inference_mode", true);
        all.put("auto_mapping", common.autoMapping());
        all.put("peft_version", common.peftVersion());
        return JsonWriter.FILE.write(all);
    }
}
