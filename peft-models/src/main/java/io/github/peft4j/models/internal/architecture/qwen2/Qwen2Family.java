package io.github.peft4j.models.internal.architecture.qwen2;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.internal.LayerTypes;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import java.util.List;

/** Qwen2 checkpoints; follows Hugging Face's {@code modeling_qwen2.py}. */
public final class Qwen2Family extends LlamaLike {

    /** Layers below it see all keys even where the window is on; Hugging Face's default of {@code max_window_layers}. */
    private static final int DEFAULT_WINDOW_FROM = 28;

    private static final int DEFAULT_WINDOW = 4096;

    /** For the registry of architectures. */
    public Qwen2Family() {
        super(
                "qwen2",
                "Qwen2",
                json -> new LlamaVariant(json)
                        .keyValueHeads(32)
                        .maxPositions(32768)
                        .biases(new LlamaConfig.Biases(true, false, false, null, null))
                        .windows(windows(json)));
    }

    /** {@code layer_types} says it layer by layer; without it, layers from {@code max_window_layers} on have the window that is on. */
    public static List<Integer> windows(ConfigJson json) {
        int window = json.flagOr(false, "use_sliding_window") && !json.isNull("sliding_window")
                ? json.integerOr(DEFAULT_WINDOW, "sliding_window")
                : 0;
        int from = json.countOr(DEFAULT_WINDOW_FROM, "max_window_layers");
        return LayerTypes.windows(
                json,
                LayerTypes.sliding(json, layer -> window > 0 && layer >= from),
                window,
                "use_sliding_window and sliding_window give");
    }
}
