package io.github.peft4j.methods.vera;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** VeRA of the default layers. */
class VeraContractTest extends PeftMethodContract {

    private static final long RANK = 5;

    @Override
    protected PeftConfig config(ToyModel model) {
        return VeraConfig.builder().set(VeraConfig.R, (int) RANK).build();
    }

    @Override
    protected List<ToyModel> models() {
        return ToyLayers.ofTheFirstArchitectures();
    }

    @Override
    protected boolean drawsFirstValues() {
        return false;
    }

    @Override
    protected double learningRate() {
        return 3e-2;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        for (int block = 0; block < 2; block++) {
            String path = "base_model.model.";
            switch (model) {
                case BLOOM -> put(shapes, path + "transformer.h." + block + ".self_attention.query_key_value", 72);
                case GPT2 -> put(shapes, path + "transformer.h." + block + ".attn.c_attn", 48);
                default -> {
                    put(shapes, path + "model.layers." + block + ".self_attn.q_proj", 16);
                    put(shapes, path + "model.layers." + block + ".self_attn.v_proj", 8);
                }
            }
        }
        long width = model.hiddenSize();
        boolean fused = model == ToyModel.BLOOM || model == ToyModel.GPT2;
        shapes.put("base_model.vera_A", List.of(RANK, width));
        shapes.put("base_model.vera_B", List.of(fused ? 3 * width : width, RANK));
        return shapes;
    }

    private static void put(Map<String, List<Long>> shapes, String path, long out) {
        shapes.put(path + ".vera_lambda_d", List.of(RANK));
        shapes.put(path + ".vera_lambda_b", List.of(out));
    }
}
