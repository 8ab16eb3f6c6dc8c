package io.github.peft4j.methods.lora;

import io.github.peft4j.testkit.ToyModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What LoRA adapters of toy models save. */
final class LoraTensors {

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
        String list = model == ToyModel.BLOOM || model == ToyModel.GPT2 ? "transformer.h." : "model.layers.";
        return List.of(list + "0." + layer, list + "1." + layer);
    }

    Map<String, List<Long>> shapes() {
        return shapes;
    }

    /** The layers that are adapted where none are named. */
    static LoraTensors customary(ToyModel model, long rank) {
        LoraTensors tensors = new LoraTensors();
        return switch (model) {
            case BLOOM -> tensors.linear(model, "self_attention.query_key_value", 24, 72, rank);
            case GPT2 -> tensors.linear(model, "attn.c_attn", 16, 48, rank);
            default ->
                tensors.linear(model, "self_attn.q_proj", 16, 16, rank).linear(model, "self_attn.v_proj", 16, 8, rank);
        };
    }
}
