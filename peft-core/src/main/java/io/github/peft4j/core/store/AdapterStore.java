package io.github.peft4j.core.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.peft4j.core.Adapter;
import io.github.peft4j.core.AttachContext;
import io.github.peft4j.core.CommonSettings;
import io.github.peft4j.core.ConfigValues;
import io.github.peft4j.core.PeftConfig;
import io.github.peft4j.core.PeftMethods;
import io.github.peft4j.core.PythonJson;
import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.checkpoint.AtomicWrite;
import io.github.peft4j.models.checkpoint.Checkpoint;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.SafetensorsWriter;
import io.github.peft4j.models.checkpoint.TensorSource;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.StoredArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads and writes adapter folders: {@code adapter_config.json}, {@code adapter_model.safetensors} and a model card. */
public final class AdapterStore {

    /** The config. */
    public static final String CONFIG = "adapter_config.json";

    /** The weights. */
    public static final String WEIGHTS = "adapter_model.safetensors";

    /** The weights in folders that older versions of Hugging Face PEFT wrote. */
    public static final String PICKLED_WEIGHTS = "adapter_model.bin";

    private static final ObjectMapper JSON = new ObjectMapper();

    private AdapterStore() {}

    /** An adapter folder that is being read. */
    public static final class Saved implements AutoCloseable {
        private final Path directory;
        private final PeftConfig config;
        private final Checkpoint weights;

        private Saved(Path directory, PeftConfig config, Checkpoint weights) {
            this.directory = directory;
            this.config = config;
            this.weights = weights;
        }

        /** The config. */
        public PeftConfig config() {
            return config;
        }

        /**
         * Copies the saved values into weights.
         *
         * @param parameters by key in the file
         * @throws CheckpointException one message with every missing, unexpected and mis-shaped tensor; nothing is copied then
         */
        public void loadInto(Map<String, Weight> parameters) throws CheckpointException {
            List<String> problems = new ArrayList<>();
            for (Map.Entry<String, Weight> entry : parameters.entrySet()) {
                String key = entry.getKey();
                List<Long> shape = Arrays.stream(entry.getValue().shape().getShape())
                        .boxed()
                        .toList();
                if (!weights.names().contains(key)) {
                    problems.add("missing " + key + " " + shape);
                } else if (!weights.info(key).shape().equals(shape)) {
                    problems.add(key + " has shape " + weights.info(key).shape() + ", the model needs " + shape);
                }
            }
            weights.names().stream()
                    .filter(name -> !parameters.containsKey(name))
                    .forEach(name -> problems.add("unexpected " + name));
            if (!problems.isEmpty()) {
                throw new CheckpointException("the adapter in " + directory + " does not fit the model ("
                        + problems.size() + " problems): "
                        + String.join("; ", problems.subList(0, Math.min(20, problems.size()))));
            }
            for (Map.Entry<String, Weight> entry : parameters.entrySet()) {
                Weight weight = entry.getValue();
                weight.assign(StoredArrays.read(weights, entry.getKey(), weight.scope(), weight.precision()));
            }
        }

        @Override
        public void close() {
            weights.close();
        }
    }

    /**
     * Opens an adapter folder.
     *
     * @throws CheckpointException if a file is missing or damaged, or the config is not valid or not supported
     */
    public static Saved open(Path directory, PeftMethods methods) throws CheckpointException {
        PeftConfig config = readConfig(directory.resolve(CONFIG), methods);
        Path file = directory.resolve(WEIGHTS);
        if (!Files.exists(file)) {
            file = directory.resolve(PICKLED_WEIGHTS);
        }
        if (!Files.exists(file)) {
            throw new CheckpointException(
                    "Can't find weights in " + directory + ": expected " + WEIGHTS + " or " + PICKLED_WEIGHTS);
        }
        return new Saved(directory, config, Checkpoint.open(file));
    }

    /**
     * Reads a config file.
     *
     * @throws CheckpointException if there is none, or it is not valid or not supported
     */
    public static PeftConfig readConfig(Path file, PeftMethods methods) throws CheckpointException {
        ConfigValues values = values(file);
        String type = values.textOrNull("peft_type");
        if (type == null) {
            throw new CheckpointException(file + " lacks peft_type");
        }
        try {
            return methods.byType(type).read(values);
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new CheckpointException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The values of a config file, whatever its method. */
    public static ConfigValues values(Path file) throws CheckpointException {
        if (!Files.exists(file)) {
            throw new CheckpointException("Can't find '" + CONFIG + "' at '" + file.getParent() + "'");
        }
        try {
            Map<String, @Nullable Object> values = JSON.readValue(
                    Files.readString(file), new TypeReference<LinkedHashMap<String, @Nullable Object>>() {});
            return ConfigValues.of(values, file.toString());
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file + " is no JSON object: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes an adapter: {@code default} into the folder itself, another into a folder of its name.
     *
     * @throws IOException if writing fails; the folder is then as it was
     */
    public static void write(Path directory, String name, Adapter adapter, Anatomy anatomy) throws IOException {
        Path folder = name.equals(AttachContext.DEFAULT_NAME) ? directory : directory.resolve(name);
        List<TensorSource> tensors = new ArrayList<>();
        adapter.parameters()
                .forEach((key, weight) -> tensors.add(
                        StoredArrays.source(key, weight.array(), weight.scope().kernels())));
        try (AtomicWrite write = AtomicWrite.into(folder)) {
            write.file(WEIGHTS, channel -> SafetensorsWriter.write(channel, Map.of("format", "pt"), tensors));
            write.text(CONFIG, json(adapter.config()));
            write.commit();
        }
        AtomicWrite.toFile(directory.resolve("README.md"), ModelCard.text(adapter.config(), anatomy));
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
        return PythonJson.write(all);
    }
}
