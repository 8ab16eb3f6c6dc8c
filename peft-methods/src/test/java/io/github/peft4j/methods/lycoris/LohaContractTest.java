package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class LohaContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return LohaConfig.builder(3, 6).build();
    }

    @Override
    protected List<ToyModel> models() {
        return ToyLayers.ofTheFirstArchitectures();
    }

    /** Of a product of two that begins as nothing one half has no gradient at first. */
    @Override
    protected double learningRate() {
        return 3e-2;
    }

    @Override
    protected double longestStep() {
        return 0.03;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (int block = 0; block < 2; block++) {
            switch (model) {
                case BLOOM -> put(shapes, "transformer.h." + block + ".self_attention.query_key_value", 24, 72);
                case GPT2 -> put(shapes, "transformer.h." + block + ".attn.c_attn", 16, 48);
                default -> {
                    put(shapes, "model.layers." + block + ".self_attn.q_proj", 16, 16);
                    put(shapes, "model.layers." + block + ".self_attn.v_proj", 16, 8);
                }
            }
        }
        return shapes;
    }

    private static void put(Map<String, List<Long>> shapes, String path, long in, long out) {
        for (String half : List.of("hada_w1", "hada_w2")) {
            shapes.put("base_model.model." + path + "." + half + "_a", List.of(out, 3L));
            shapes.put("base_model.model." + path + "." + half + "_b", List.of(3L, in));
        }
    }
}
