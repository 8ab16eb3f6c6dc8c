package io.github.peft4j.methods.lora;

import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.ToyModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What LoRA adapters of toy models save. */
public final class LoraTensors {

    private final Map<String, List<Long>> shapes = new LinkedHashMap<>();

    /** A and B of a layer in both blocks; {@code layer} as in {@code self_attn.q_proj}. */
    LoraTensors linear(ToyModel model, String layer, long in, long out, long rank) {
        for (String path : blocks(model, layer)) {
            put(path + ".lora_A.weight", rank, in);
            put(path + ".lora_B.weight", out, rank);
        }
        return this;
    }

    /** One more vector of a layer in both blocks. */
    LoraTensors vector(ToyModel model, String layer, String name, long size) {
        blocks(model, layer).forEach(path -> put(path + "." + name, size));
        return this;
    }

    LoraTensors embedding(String path, long rows, long width, long rank) {
        put(path + ".lora_embedding_A", rank, rows);
        put(path + ".lora_embedding_B", width, rank);
        return this;
    }

    LoraTensors put(String path, Long... shape) {
        shapes.put("base_model.model." + path, List.of(shape));
        return this;
    }

    private static List<String> blocks(ToyModel model, String layer) {
        return ToyLayers.of(model).inBlocks(layer);
    }

    Map<String, List<Long>> shapes() {
        return shapes;
    }

    /** The layers that are adapted where none are named. */
    static LoraTensors ofDefaults(ToyModel model, long rank) {
        LoraTensors tensors = new LoraTensors();
        ToyLayers.of(model)
                .updated()
                .forEach(layer -> tensors.linear(model, layer.name(), layer.in(), layer.out(), rank));
        return tensors;
    }
}
