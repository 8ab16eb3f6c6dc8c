package io.github.peft4j.cli.internal.option;

import ai.djl.Device;
import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.loading.Loading;
import io.github.peft4j.cli.internal.loading.Task;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.hub.internal.ModelLocation;
import io.github.peft4j.models.internal.Devices;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.pretrained.LoadOptions;
import io.github.peft4j.models.pretrained.Models;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How to compute. */
public final class ComputeOptions {

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "Number format of weights and activations: float32, bfloat16 or float16. Default: the"
                    + " checkpoint's own on a GPU, float32 on a CPU.")
    @Nullable
    String dtype;

    @Option(
            names = "--quantize",
            paramLabel = "CODES",
            description = "Keep the frozen weights of linear layers packed: nf4 (4 bits, as QLoRA) or int8. Default: as"
                    + " quantization_config in config.json says, if it is there.")
    @Nullable
    String quantize;

    @Option(names = "--device", paramLabel = "DEVICE", description = "cpu or cuda:N. Default: cuda:0 if there is one.")
    @Nullable
    public String device;

    @Mixin
    private Threads threads = new Threads();

    /**
     * Checks what can be checked without the engine.
     *
     * @throws BadInput if a value is bad
     */
    public void check() {
        threads.check();
        if (dtype != null) {
            precision(dtype);
        }
        if (device != null) {
            ofName(device);
        }
        quantization();
    }

    /**
     * How weights are packed, or null for as the config says.
     *
     * @throws BadInput if there is no such way
     */
    @Nullable
    public Quantization quantization() {
        try {
            return quantize == null ? null : Quantization.of(quantize);
        } catch (IllegalArgumentException e) {
            throw new BadInput("--quantize: " + e.getMessage(), e);
        }
    }

    /**
     * How weights are packed, or null for not at all.
     *
     * @param json the config, which says it where nothing else is asked for
     * @throws BadInput if there is no such way
     * @throws CheckpointException if the config asks for something that is not implemented
     */
    @Nullable
    public Quantization quantization(ConfigJson json) throws CheckpointException {
        Quantization asked = quantization();
        return asked == null ? Models.quantization(json) : asked;
    }

    /**
     * The device.
     *
     * @throws BadInput if the machine lacks what is asked for
     */
    public Device device() {
        check();
        String name = device;
        if (name == null) {
            return Devices.best();
        }
        try {
            return Devices.named(name);
        } catch (IllegalArgumentException e) {
            throw new BadInput(e.getMessage() + "; peft4j doctor says what is missing", e);
        }
    }

    /**
     * Loads a model to compute so.
     *
     * @throws BadInput if the machine lacks what is asked for
     * @throws IOException if the checkpoint cannot be used
     */
    public Model<LanguageHead> load(Console console, ModelLocation location) throws IOException {
        return Loading.model(console, location, options(), LanguageHead.class);
    }

    /** The same for a task. */
    public Model<?> load(Console console, ModelLocation location, Task task) throws IOException {
        return Loading.model(console, location, options().withConfig(task.changes()), task.head());
    }

    /** The same in the named format, or the checkpoint's own. */
    public Model<?> loadAsStored(Console console, ModelLocation location, Task task) throws IOException {
        return Loading.model(
                console, location, options().withPrecision(named()).withConfig(task.changes()), task.head());
    }

    private LoadOptions options() {
        Device chosen = device();
        return LoadOptions.on(chosen).withPrecision(precision(chosen)).withQuantization(quantization());
    }

    private static void ofName(String name) {
        try {
            Devices.ofName(name);
        } catch (IllegalArgumentException e) {
            throw new BadInput("--device: " + e.getMessage(), e);
        }
    }

    /** The number format, or null for the checkpoint's own. */
    @Nullable
    public Precision precision(Device chosen) {
        if (dtype != null) {
            return precision(dtype);
        }
        return Devices.usualPrecision(chosen);
    }

    /** The number format that was named, or null. */
    @Nullable
    public Precision named() {
        return dtype == null ? null : precision(dtype);
    }

    private static Precision precision(String name) {
        try {
            return Precision.of(name);
        } catch (IllegalArgumentException e) {
            throw new BadInput("--dtype: " + e.getMessage(), e);
        }
    }
}
