package io.github.peft4j.models.pretrained;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.Checkpoint;
import io.github.peft4j.models.kernel.packed.Quantization;
import io.github.peft4j.models.nn.weights.internal.PackedTensors;
import org.jspecify.annotations.Nullable;

/** The {@code quantization_config} of a config, as transformers writes it for bitsandbytes. */
final class QuantizationConfig {

    private static final String KEY = "quantization_config";

    private QuantizationConfig() {}

    /**
     * How weights are to be quantized when they are loaded, or null for not at all.
     *
     * @throws IllegalArgumentException if it asks for something that is not implemented, by name
     */
    static @Nullable Quantization read(ConfigJson json) {
        ConfigJson config = json.object(KEY);
        if (config == null) {
            return null;
        }
        String method = config.textOr("bitsandbytes", "quant_method");
        if (!method.equals("bitsandbytes")) {
            throw new IllegalArgumentException(json.source() + ": " + KEY + " of " + method
                    + " is not implemented; checkpoints without one and those of bitsandbytes load");
        }
        if (config.flagOr(config.flagOr(false, "_load_in_8bit"), "load_in_8bit")) {
            return Quantization.INT8;
        }
        if (!config.flagOr(config.flagOr(false, "_load_in_4bit"), "load_in_4bit")) {
            return null;
        }
        String type = config.textOr("fp4", "bnb_4bit_quant_type");
        if (!type.equals("nf4")) {
            throw new IllegalArgumentException(
                    config.source() + ": bnb_4bit_quant_type " + type + " is not implemented, expected nf4");
        }
        return new Quantization(Quantization.Kind.NF4, config.flagOr(false, "bnb_4bit_use_double_quant"));
    }

    /**
     * How the weights of a checkpoint are to be quantized when they are loaded, or null for not at all: where some are packed already they are
     * taken as they lie, and the others are not packed.
     *
     * @param asked by the caller, or null for as the config says
     * @throws CheckpointException if the caller asks for other codes than the weights have already
     * @throws IllegalArgumentException if the config asks for something that is not implemented, by name
     */
    static @Nullable Quantization forLoading(ConfigJson json, Checkpoint checkpoint, @Nullable Quantization asked)
            throws CheckpointException {
        Quantization own = read(json);
        if (PackedTensors.in(checkpoint)) {
            if (asked != null && (own == null || asked.kind() != own.kind())) {
                throw new CheckpointException(json.source() + ": the checkpoint's weights are packed already"
                        + (own == null ? "" : ", as " + own) + ": it cannot be loaded as " + asked);
            }
            return null;
        }
        if (asked != null) {
            return asked;
        }
        ConfigJson config = json.object(KEY);
        if (config != null && !config.texts("llm_int8_skip_modules").isEmpty()) {
            throw new IllegalArgumentException(config.source()
                    + ": llm_int8_skip_modules is not implemented; the output layer is left out always");
        }
        return own;
    }
}
