package io.github.peft4j.models;

import ai.djl.Device;
import io.github.peft4j.models.checkpoint.Checkpoint;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Quantization;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.message.Printable;
import io.github.peft4j.models.nn.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads checkpoints as Hugging Face lays them out. */
public final class Models {

    private static final Logger LOG = LoggerFactory.getLogger(Models.class);

    private static final double NANOSECONDS = 1e9;

    private Models() {}

    /**
     * Loads a causal model as the command does unless told otherwise: on the first GPU that works, in the checkpoint's own number format;
     * otherwise on the CPU, in float32.
     *
     * @param folder holds {@code config.json} and safetensors or {@code pytorch_model.bin}, whole or sharded
     * @return the model, frozen; the caller closes it
     * @throws CheckpointException as {@link #load(Path, Device, Precision)}
     * @throws io.github.peft4j.models.kernel.EngineUnavailableException if PyTorch cannot be loaded
     */
    public static CausalLm load(Path folder) throws CheckpointException {
        Device device = Devices.best();
        return load(folder, device, Devices.usualPrecision(device));
    }

    /**
     * Loads a causal model.
     *
     * @param folder holds {@code config.json} and safetensors or {@code pytorch_model.bin}, whole or sharded
     * @param device where to compute
     * @param precision the format of weights and activations, or null for the checkpoint's own: the one its config names or else that
     *     of its first tensor
     * @return the model, frozen; the caller closes it
     * @throws CheckpointException if files are missing or damaged, tensors do not fit the config, or the config asks for something
     *     that is not implemented; nothing is loaded partly
     */
    public static CausalLm load(Path folder, Device device, @Nullable Precision precision) throws CheckpointException {
        return load(folder, device, precision, null, CausalLm.class);
    }

    /**
     * Loads a causal model with quantized linear layers.
     *
     * @param quantization how the weights of the blocks' linear layers are packed, or null for as the config says: not at all, unless it
     *     has a {@code quantization_config} of bitsandbytes
     * @return the model, frozen; the caller closes it
     * @throws CheckpointException as {@link #load(Path, Device, Precision)}, or if a layer cannot be quantized
     */
    public static CausalLm load(
            Path folder, Device device, @Nullable Precision precision, @Nullable Quantization quantization)
            throws CheckpointException {
        return load(folder, device, precision, quantization, CausalLm.class);
    }

    /**
     * Loads a model of a kind.
     *
     * @param kind one that some {@link ModelFamily} builds
     * @return the model, frozen; the caller closes it
     * @throws CheckpointException as {@link #load(Path, Device, Precision)}
     */
    public static <M extends Model> M load(Path folder, Device device, @Nullable Precision precision, Class<M> kind)
            throws CheckpointException {
        return load(folder, device, precision, null, kind);
    }

    private static <M extends Model> M load(
            Path folder,
            Device device,
            @Nullable Precision precision,
            @Nullable Quantization quantization,
            Class<M> kind)
            throws CheckpointException {
        long start = System.nanoTime();
        ConfigJson json = config(folder);
        ModelFamily family = family(json, kind);
        ModelConfig config = readConfig(family, json);
        if (!json.conflicts().isEmpty()) {
            LOG.warn("{}: it{}", json.source(), conflicts(json));
        }
        Checkpoint checkpoint = Checkpoint.open(folder);
        @Nullable Scope scope = null;
        boolean loaded = false;
        try {
            Precision format = precision == null ? own(json, config, checkpoint) : precision;
            scope = Scope.open(device);
            Weights weights = Weights.of(checkpoint, scope, format, packing(json, checkpoint, quantization));
            M model = kind.cast(weights.build(
                    root -> family.build(config, root),
                    folder + (json.conflicts().isEmpty() ? "" : ", whose config.json" + conflicts(json) + ","),
                    family.unusedTensors()));
            model.closeWithModel(checkpoint);
            model.setOrigin(ModelOrigin.of(folder));
            model.setUnusedTensors(family.unusedTensors());
            loaded = true;
            LOG.info("{}", summary(folder, model, (System.nanoTime() - start) / NANOSECONDS));
            return model;
        } finally {
            if (!loaded) {
                if (scope != null) {
                    scope.close();
                }
                checkpoint.close();
            }
        }
    }

    private static @Nullable Quantization packing(ConfigJson json, Checkpoint checkpoint, @Nullable Quantization asked)
            throws CheckpointException {
        try {
            return QuantizationConfig.forLoading(json, checkpoint, asked);
        } catch (IllegalArgumentException e) {
            throw bad(json, e);
        }
    }

    private static String summary(Path folder, Model model, double seconds) {
        return String.format(
                Locale.ROOT,
                "loaded %s: %s, %,d parameters, %s, %.2f s",
                folder,
                model.anatomy().className(),
                model.parameterCount(),
                model.precision().text(),
                seconds);
    }

    /**
     * The config of a checkpoint folder.
     *
     * @throws CheckpointException if there is no such folder, it holds no config, or that is no JSON object
     */
    public static ConfigJson config(Path folder) throws CheckpointException {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException(
                    "no checkpoint folder at " + folder + ": expected a folder with config.json and weights"
                            + (Files.exists(folder) ? ", found a file" : ""));
        }
        return ConfigJson.read(folder);
    }

    /**
     * Reads a config's sizes, whatever its architecture and kind.
     *
     * @throws CheckpointException if its architecture is not implemented or a value is bad
     */
    public static ModelConfig sizes(ConfigJson json) throws CheckpointException {
        return readConfig(families(json, Model.class).get(0), json);
    }

    /**
     * How a config's {@code quantization_config} says that weights are packed, or null if it has none.
     *
     * @throws CheckpointException if it asks for something that is not implemented
     */
    public static @Nullable Quantization quantization(ConfigJson json) throws CheckpointException {
        try {
            return QuantizationConfig.read(json);
        } catch (IllegalArgumentException e) {
            throw bad(json, e);
        }
    }

    private static ModelConfig readConfig(ModelFamily family, ConfigJson json) throws CheckpointException {
        ModelSize.requirePlausible(json);
        quantization(json);
        try {
            return family.config(json);
        } catch (IllegalArgumentException e) {
            throw bad(json, e);
        }
    }

    private static CheckpointException bad(ConfigJson json, IllegalArgumentException cause) {
        String message = String.valueOf(cause.getMessage());
        return new CheckpointException(
                (message.startsWith(json.source()) ? message : json.source() + ": " + message)
                        + (json.conflicts().isEmpty() ? "" : "; it" + conflicts(json)),
                cause);
    }

    /** What to know of settings with two names that disagree; nothing if there are none. */
    private static String conflicts(ConfigJson json) {
        return json.conflicts().isEmpty()
                ? ""
                : " says " + String.join(", ", json.conflicts())
                        + " for one setting, of which the first counts, as in transformers";
    }

    /**
     * The architecture that a config names, as a causal model.
     *
     * @throws CheckpointException if it names none, one that is not implemented, or another kind of model
     */
    public static ModelFamily family(ConfigJson json) throws CheckpointException {
        return family(json, CausalLm.class);
    }

    /** Of several kinds the one that the config names, or else one that can read it. */
    private static ModelFamily family(ConfigJson json, Class<? extends Model> kind) throws CheckpointException {
        List<ModelFamily> families = families(json, kind);
        List<String> named = texts(json, "architectures");
        if (named.isEmpty()) {
            return families.get(0);
        }
        return families.stream()
                .filter(family -> named.stream().anyMatch(family.className()::equalsIgnoreCase))
                .findFirst()
                .or(() -> families.stream()
                        .filter(family -> named.stream().anyMatch(family::reads))
                        .findFirst())
                .orElseThrow(() -> new CheckpointException(json.source() + ": the checkpoint holds a "
                        + Printable.excerpt(String.join(", ", named)) + ", expected a "
                        + families.stream().map(ModelFamily::className).collect(Collectors.joining(" or a "))
                        + "; other heads are not implemented"));
    }

    private static List<String> texts(ConfigJson json, String key) throws CheckpointException {
        try {
            return json.texts(key);
        } catch (IllegalArgumentException e) {
            throw bad(json, e);
        }
    }

    /** The services for the config's architecture that build this kind of model: at least one. */
    private static List<ModelFamily> families(ConfigJson json, Class<? extends Model> kind) throws CheckpointException {
        String type = modelType(json);
        List<ModelFamily> all = new ArrayList<>();
        ServiceLoader.load(ModelFamily.class, Models.class.getClassLoader()).forEach(all::add);
        List<ModelFamily> named =
                all.stream().filter(family -> family.modelType().equals(type)).toList();
        if (named.isEmpty()) {
            String known =
                    all.stream().map(ModelFamily::modelType).distinct().sorted().collect(Collectors.joining(", "));
            throw new CheckpointException(json.source() + ": no architecture for model_type " + Printable.quoted(type)
                    + ": expected one of " + known
                    + "; another one needs a ModelFamily that builds it on the class path"
                    + " (CONTRIBUTING.md, Adding an architecture)");
        }
        List<ModelFamily> found = named.stream()
                .filter(family -> kind.isAssignableFrom(family.kind()))
                .toList();
        if (found.isEmpty()) {
            throw new CheckpointException(json.source() + ": model_type " + type + " is implemented as "
                    + named.stream().map(ModelFamily::className).sorted().collect(Collectors.joining(", "))
                    + ", expected one that is a " + kind.getSimpleName());
        }
        return found;
    }

    /**
     * The architecture that a config names, whether or not it is implemented.
     *
     * @throws CheckpointException if it names none
     */
    public static String modelType(ConfigJson json) throws CheckpointException {
        try {
            String type = json.textOrNull("model_type");
            if (type == null) {
                throw new CheckpointException(json.source()
                        + " lacks model_type: expected the name of an architecture, for example \"llama\"");
            }
            return type;
        } catch (IllegalArgumentException e) {
            throw bad(json, e);
        }
    }

    private static Precision own(ConfigJson json, ModelConfig config, Checkpoint checkpoint)
            throws CheckpointException {
        String named = config.dtype();
        if (named == null) {
            return Weights.firstPrecision(checkpoint);
        }
        try {
            return Precision.forCheckpoint(named);
        } catch (IllegalArgumentException e) {
            throw bad(json, e);
        }
    }
}
