package io.github.peft4j.models.internal.architecture.smollm3;

import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.internal.LayerTypes;
import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.llama.LlamaConfig;
import io.github.peft4j.models.llama.LlamaLike;
import io.github.peft4j.models.llama.internal.LlamaVariant;
import java.util.List;
import java.util.stream.IntStream;

/** SmolLM3 checkpoints; follows Hugging Face's {@code modeling_smollm3.py}. */
public final class SmolLm3Family extends LlamaLike {

    /** For the registry of architectures. */
    public SmolLm3Family() {
        super("smollm3", "SmolLM3", SmolLm3Family::variant);
    }

    private static LlamaVariant variant(ConfigJson json) {
        List<Boolean> rotated = rotated(json);
        int window = json.countOr(0, "sliding_window");
        boolean windows = window > 0 && json.flagOr(false, "use_sliding_window");
        RotaryConfig rotary = RotaryConfig.of(json, RotaryConfig.Spelling.LLAMA.withTheta(2_000_000));
        return new LlamaVariant(json)
                .keyValueHeads(4)
                .maxPositions(32768)
                .paddingToken(128004)
                .tied()
                .biases(LlamaConfig.Biases.of(json))
                .windows(LayerTypes.windows(
                        json,
                        LayerTypes.sliding(json, layer -> windows && !rotated.get(layer)),
                        window,
                        "sliding_window gives"))
                .rotary(rotated.stream()
                        .map(is -> is ? rotary : RotaryConfig.NONE)
                        .toList());
    }

    /** {@code no_rope_layers} has 0 for a layer without rotation; without it, every so manieth layer has none. */
    private static List<Boolean> rotated(ConfigJson json) {
        int layers = json.integer("num_hidden_layers");
        List<Integer> named = json.integers("no_rope_layers");
        if (named.isEmpty()) {
            int interval = json.integerOr(4, "no_rope_layer_interval");
            return IntStream.range(0, layers)
                    .mapToObj(layer -> (layer + 1) % interval != 0)
                    .toList();
        }
        if (named.size() < layers) {
            throw new IllegalArgumentException(json.source() + ": no_rope_layers has " + named.size()
                    + " entries, expected at least num_hidden_layers, " + layers);
        }
        return named.subList(0, layers).stream().map(rotates -> rotates != 0).toList();
    }
}
