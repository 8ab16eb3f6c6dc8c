package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rank 1, so that the right matrix is a product where it is worth it. */
class LokrContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return LokrConfig.builder(1, 2).build();
    }

    @Override
    protected List<ToyModel> models() {
        return ToyLayers.ofTheFirstArchitectures();
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (int block = 0; block < 2; block++) {
            switch (model) {
                // 72 = 8 * 9 outputs, 24 = 4 * 6 inputs
                case BLOOM -> {
                    String path = "base_model.model.transformer.h." + block + ".self_attention.query_key_value.";
                    shapes.put(path + "lokr_w1", List.of(8L, 4L));
                    shapes.put(path + "lokr_w2_a", List.of(9L, 1L));
                    shapes.put(path + "lokr_w2_b", List.of(1L, 6L));
                }
                // 48 = 6 * 8 outputs, 16 = 4 * 4 inputs
                case GPT2 -> {
                    String path = "base_model.model.transformer.h." + block + ".attn.c_attn.";
                    shapes.put(path + "lokr_w1", List.of(6L, 4L));
                    shapes.put(path + "lokr_w2_a", List.of(8L, 1L));
                    shapes.put(path + "lokr_w2_b", List.of(1L, 4L));
                }
                default -> {
                    String path = "base_model.model.model.layers." + block + ".self_attn.";
                    shapes.put(path + "q_proj.lokr_w1", List.of(4L, 4L));
                    shapes.put(path + "q_proj.lokr_w2_a", List.of(4L, 1L));
                    shapes.put(path + "q_proj.lokr_w2_b", List.of(1L, 4L));
                    shapes.put(path + "v_proj.lokr_w1", List.of(2L, 4L));
                    shapes.put(path + "v_proj.lokr_w2_a", List.of(4L, 1L));
                    shapes.put(path + "v_proj.lokr_w2_b", List.of(1L, 4L));
                }
            }
        }
        return shapes;
    }
}
