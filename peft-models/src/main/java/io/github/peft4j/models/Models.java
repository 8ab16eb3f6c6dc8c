package io.github.peft4j.models;

import ai.djl.Device;
import io.github.peft4j.models.checkpoint.Checkpoint;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.nn.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Loads checkpoints as Hugging Face lays them out. */
public final class Models {

    private Models() {}

    /**
     * Loads a causal model.
     *
     * @param folder holds {@code config.json} and safetensors or {@code pytorch_model.bin}, whole or sharded
     * @param device where to compute
     * @param precision the format of weights and activations, or null for the checkpoint's own
     * @throws CheckpointException if files are missing or damaged, or tensors do not fit the config; nothing is loaded partly
     */
    public static CausalLm load(Path folder, Device device, @Nullable Precision precision) throws CheckpointException {
        ConfigJson json = config(folder);
        ModelFamily family = family(json);
        ModelConfig config = readConfig(family, json);
        Checkpoint checkpoint = Checkpoint.open(folder);
        Scope scope = Scope.open(device);
        boolean loaded = false;
        try {
            Weights weights = Weights.of(checkpoint, scope, precision == null ? own(config) : precision);
            Model model = family.build(config, weights);
            weights.finish(family.unusedTensors());
            model.closeWithModel(checkpoint);
            model.setOrigin(ModelOrigin.of(folder));
            loaded = true;
            return (CausalLm) model;
        } finally {
            if (!loaded) {
                scope.close();
                checkpoint.close();
            }
        }
    }

    /** The config of a checkpoint folder. */
    public static ConfigJson config(Path folder) throws CheckpointException {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(
                    "no checkpoint folder at " + folder + ": expected a folder with config.json and weights"
                            + (Files.exists(folder) ? ", found a file" : ""));
        }
        return ConfigJson.read(folder);
    }

    /** Reads a config's sizes, whatever its architecture. */
    public static ModelConfig sizes(ConfigJson json) throws CheckpointException {
        return readConfig(family(json), json);
    }

    private static ModelConfig readConfig(ModelFamily family, ConfigJson json) throws CheckpointException {
        try {
            return family.config(json);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The architecture that a config names.
     *
     * @throws CheckpointException if it names none or one that is not implemented
     */
    public static ModelFamily family(ConfigJson json) throws CheckpointException {
        TreeMap<String, ModelFamily> families = new TreeMap<>();
        ServiceLoader.load(ModelFamily.class, Models.class.getClassLoader())
                .forEach(f -> families.put(f.modelType(), f));
        String type = json.textOrNull("model_type");
        ModelFamily family = type == null ? null : families.get(type);
        if (family == null) {
            throw new CheckpointException(
                    "no architecture for model_type " + (type == null ? "(absent)" : "\"" + type + "\"")
                            + ": expected one of " + families.keySet() + " (" + json.source() + ")");
        }
        String named = json.firstText("architectures");
        if (named != null && !named.equals(family.className()) && named.contains("For")) {
            throw new CheckpointException("the checkpoint holds a " + named + ", expected " + family.className()
                    + ": other heads are not implemented (" + json.source() + ")");
        }
        return family;
    }

    private static Precision own(ModelConfig config) {
        String dtype = config.dtype();
        return dtype == null ? Precision.FLOAT32 : Precision.of(dtype);
    }
}
