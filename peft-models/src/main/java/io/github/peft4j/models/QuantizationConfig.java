package io.github.peft4j.models;

import io.github.peft4j.models.checkpoint.Checkpoint;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.kernel.Quantization;
import org.jspecify.annotations.Nullable;

/** The {@code quantization_config} of a config, as transformers writes it for bitsandbytes. */
final class QuantizationConfig {

    private static final String KEY = "quantization_config";

    /** What bitsandbytes appends to the name of a weight that it stores packed. */
    private static final String PACKED = ".quant_state.bitsandbytes__";

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
        if (!config.texts("llm_int8_skip_modules").isEmpty()) {
            throw new IllegalArgumentException(config.source()
                    + ": llm_int8_skip_modules is not implemented; the output layer is left out always");
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
     * Refuses weights that were stored packed.
     *
     * @throws CheckpointException if there are some
     */
    static void refusePacked(Checkpoint checkpoint, String where) throws CheckpointException {
        for (String name : checkpoint.names()) {
            if (name.contains(PACKED)) {
                throw new CheckpointException(where + " holds weights that bitsandbytes packed ("
                        + name.substring(0, name.indexOf(PACKED))
                        + "): expected them as float32, float16 or bfloat16, which are packed when they are loaded."
                        + " Save the model from Python after model.dequantize()");
            }
        }
    }
}
