package io.github.peft4j.models.pretrained;

import ai.djl.Device;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.Scope;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.nn.weights.internal.StoredArrays;
import io.github.peft4j.models.pretrained.internal.Architecture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads checkpoints as Hugging Face lays them out. */
public final class Models {

    private static final Logger LOG = LoggerFactory.getLogger(Models.class);

    private static final double NANOSECONDS = 1e9;

    private Models() {}

    /**
     * Loads a model that predicts the next token as the command does unless told otherwise: on the first GPU that works, in the checkpoint's own number format;
     * otherwise on the CPU, in float32.
     *
     * @param folder holds {@code config.json} and safetensors or {@code pytorch_model.bin}, whole or sharded
     * @return the model, frozen; the caller closes it
     * @throws CheckpointException as {@link #load(Path, LoadOptions, Class)}
     * @throws IllegalStateException if PyTorch cannot be loaded
     */
    public static Model<LanguageHead> load(Path folder) throws CheckpointException {
        return load(folder, LoadOptions.best());
    }

    /**
     * {@link #load(Path)} of a folder, or of a model on a hub: what the local cache lacks is downloaded into it, unless {@code HF_HUB_OFFLINE} is set.
     *
     * @param name a path, {@code OWNER/NAME} or {@code OWNER/NAME@REVISION} of Hugging Face, or {@code modelscope:OWNER/NAME}; a folder comes before the hub
     * @throws CheckpointException if it is neither
     * @throws IOException if the hub cannot be reached or does not give it, or as {@link #load(Path, LoadOptions, Class)}
     */
    public static Model<LanguageHead> load(String name) throws IOException {
        return load(name, LoadOptions.best());
    }

    /** {@link #load(String)} with options. */
    public static Model<LanguageHead> load(String name, LoadOptions options) throws IOException {
        return load(name, options, LanguageHead.class);
    }

    /** {@link #load(String)} with options and a head of a kind. */
    public static <H extends Head> Model<H> load(String name, LoadOptions options, Class<H> head) throws IOException {
        return load(ModelLocation.of(name), options, head);
    }

    /**
     * Loads a model that predicts the next token.
     *
     * @param device where to compute
     * @param precision the format of weights and activations, or null for the checkpoint's own
     * @return the model, frozen; the caller closes it
     * @throws CheckpointException as {@link #load(Path, LoadOptions, Class)}
     */
    public static Model<LanguageHead> load(Path folder, Device device, @Nullable Precision precision)
            throws CheckpointException {
        return load(folder, LoadOptions.on(device).withPrecision(precision));
    }

    /**
     * Loads a model that predicts the next token.
     *
     * @return the model, frozen; the caller closes it
     * @throws CheckpointException as {@link #load(Path, LoadOptions, Class)}
     */
    public static Model<LanguageHead> load(Path folder, LoadOptions options) throws CheckpointException {
        return load(folder, options, LanguageHead.class);
    }

    /**
     * Loads a model with a head of a kind.
     *
     * @param folder holds {@code config.json} and safetensors or {@code pytorch_model.bin}, whole or sharded
     * @param head the head; {@link Head} itself for the one that the config names
     * @return the model, frozen; the caller closes it. {@link Head#newLayers} tells what the checkpoint had no weights for
     * @throws CheckpointException if files are missing or damaged, tensors do not fit the config, or the config asks for something
     *     that is not implemented; nothing is loaded partly
     */
    public static <H extends Head> Model<H> load(Path folder, LoadOptions options, Class<H> head)
            throws CheckpointException {
        return load(ModelLocation.ofFolder(folder), options, head);
    }

    /** {@link #load(Path, LoadOptions, Class)} of a folder that was found by a name, which adapters record. */
    public static <H extends Head> Model<H> load(ModelLocation location, LoadOptions options, Class<H> head)
            throws CheckpointException {
        long start = System.nanoTime();
        Path folder = location.folder();
        ConfigJson json = config(folder).with(options.config());
        Architecture<H> architecture = Architecture.of(json, head);
        if (!json.conflicts().isEmpty()) {
            LOG.warn("{}: it{}", json.source(), json.toldConflicts());
        }
        Checkpoint checkpoint = Checkpoint.open(folder);
        @Nullable Scope scope = null;
        boolean loaded = false;
        try {
            Precision format = options.precision() == null ? own(json, checkpoint) : options.precision();
            scope = Scope.open(options.device());
            Weights weights = Weights.of(checkpoint, scope, format, packing(json, checkpoint, options.quantization()));
            Model<H> model = built(architecture, weights, options.seed(), location);
            model.closeWithModel(checkpoint);
            model.setOrigin(ModelOrigin.of(folder)
                    .named(location.name())
                    .withConfig(model.head().config(options.config()))
                    .withUnusedTensors(architecture.unusedTensors()));
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

    private static <H extends Head> Model<H> built(
            Architecture<H> architecture, Weights weights, long seed, ModelLocation location)
            throws CheckpointException {
        ConfigJson json = architecture.json();
        try {
            return weights.build(
                    root -> architecture.build(root, seed, location.whole()),
                    location.folder()
                            + (json.conflicts().isEmpty() ? "" : ", whose config.json" + json.toldConflicts() + ","),
                    architecture.unusedTensors());
        } catch (IllegalArgumentException e) {
            // What a head reads of the config.
            throw json.refused(e);
        } catch (UncheckedIOException e) {
            // What a head reads beside it.
            if (e.getCause() instanceof CheckpointException refused) {
                throw refused;
            }
            throw e;
        }
    }

    private static @Nullable Quantization packing(ConfigJson json, Checkpoint checkpoint, @Nullable Quantization asked)
            throws CheckpointException {
        try {
            return QuantizationConfig.forLoading(json, checkpoint, asked);
        } catch (IllegalArgumentException e) {
            throw json.refused(e);
        }
    }

    private static String summary(Path folder, Model<?> model, double seconds) {
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
        return Architecture.sizes(json);
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
            throw json.refused(e);
        }
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
            throw json.refused(e);
        }
    }

    private static Precision own(ConfigJson json, Checkpoint checkpoint) throws CheckpointException {
        String named = json.dtype();
        if (named == null) {
            return StoredArrays.firstPrecision(checkpoint);
        }
        try {
            return Precision.forCheckpoint(named);
        } catch (IllegalArgumentException e) {
            throw json.refused(e);
        }
    }
}
