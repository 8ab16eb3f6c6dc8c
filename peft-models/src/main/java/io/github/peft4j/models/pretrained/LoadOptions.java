package io.github.peft4j.models.pretrained;

import ai.djl.Device;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.internal.Devices;
import io.github.peft4j.models.kernel.Precision;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.pretrained.internal.LabelFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a checkpoint is loaded.
 *
 * @param device where to compute
 * @param precision the format of weights and activations, or null for the checkpoint's own: the one its config names or else that of its
 *     first tensor
 * @param quantization how the weights of the blocks' linear layers are packed, or null for as the config says: not at all, unless it has
 *     a {@code quantization_config} of bitsandbytes
 * @param config values by key that count instead of those in {@code config.json}, as the arguments of transformers'
 *     {@code from_pretrained}; they go into the config of what is saved
 * @param seed of weights that the checkpoint lacks and that are drawn at random, as those of a new head
 */
public record LoadOptions(
        Device device,
        @Nullable Precision precision,
        @Nullable Quantization quantization,
        Map<String, Object> config,
        long seed) {

    /** Copies the map. */
    public LoadOptions {
        config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
    }

    /** On a device, in the checkpoint's own format. */
    public static LoadOptions on(Device device) {
        return new LoadOptions(device, null, null, Map.of(), 0);
    }

    /** On the first GPU that works, in the checkpoint's own format; otherwise on the CPU, in float32. */
    public static LoadOptions best() {
        Device device = Devices.best();
        return on(device).withPrecision(Devices.usualPrecision(device));
    }

    /** The same in a format. */
    public LoadOptions withPrecision(@Nullable Precision format) {
        return new LoadOptions(device, format, quantization, config, seed);
    }

    /** The same with packed weights. */
    public LoadOptions withQuantization(@Nullable Quantization packed) {
        return new LoadOptions(device, precision, packed, config, seed);
    }

    /** The same with values instead of what the config says. */
    public LoadOptions withConfig(Map<String, Object> changes) {
        Map<String, Object> more = new LinkedHashMap<>(config);
        more.putAll(changes);
        return new LoadOptions(device, precision, quantization, more, seed);
    }

    /**
     * The same with classes of these names, numbered in this order.
     *
     * @throws IllegalArgumentException if two are the same
     */
    public LoadOptions withLabels(List<String> names) {
        return withConfig(new SequenceHead.Labels(names).config());
    }

    /**
     * The same with the classes that an adapter was trained for, by its folder; as it is if nothing there says their names.
     *
     * @throws CheckpointException if what says them is damaged
     */
    public LoadOptions withLabelsOf(Path adapter) throws CheckpointException {
        return withConfig(LabelFile.read(adapter));
    }

    /** The same with another seed. */
    public LoadOptions withSeed(long other) {
        return new LoadOptions(device, precision, quantization, config, other);
    }
}
