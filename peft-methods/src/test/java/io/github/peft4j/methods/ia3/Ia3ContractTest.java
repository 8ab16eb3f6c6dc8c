package io.github.peft4j.methods.ia3;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** (IA)^3 of the default layers, beginning as ones. */
class Ia3ContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        String[] unknown = ToyLayers.unknown(model);
        return unknown.length == 0
                ? Ia3Config.builder().build()
                : Ia3Config.builder()
                        .targetModules(unknown[0], "down_proj")
                        .feedforwardModules("down_proj")
                        .build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.values());
    }

    @Override
    protected boolean drawsFirstValues() {
        return false;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        return vectors(model);
    }

    /** The vectors of the default layers. */
    static Map<String, List<Long>> vectors(ToyModel model) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        for (int block = 0; block < 2; block++) {
            String llama = "base_model.model.model.layers." + block + ".";
            String other = "base_model.model.transformer.h." + block + ".";
            switch (model) {
                case BLOOM -> {
                    shapes.put(other + "self_attention.query_key_value.ia3_l", List.of(72L, 1L));
                    shapes.put(other + "mlp.dense_4h_to_h.ia3_l", List.of(1L, 96L));
                }
                case GPT2 -> {
                    shapes.put(other + "attn.c_attn.ia3_l", List.of(48L, 1L));
                    shapes.put(other + "mlp.c_proj.ia3_l", List.of(1L, 64L));
                }
                case PHI3 -> {
                    shapes.put(llama + "self_attn.qkv_proj.ia3_l", List.of(32L, 1L));
                    shapes.put(llama + "mlp.down_proj.ia3_l", List.of(1L, 24L));
                }
                case OLMO2 -> {
                    shapes.put(llama + "self_attn.q_proj.ia3_l", List.of(16L, 1L));
                    shapes.put(llama + "mlp.down_proj.ia3_l", List.of(1L, 24L));
                }
                case GPT_NEOX -> {
                    String neox = "base_model.model.gpt_neox.layers." + block + ".";
                    shapes.put(neox + "attention.query_key_value.ia3_l", List.of(48L, 1L));
                    shapes.put(neox + "mlp.dense_4h_to_h.ia3_l", List.of(1L, 24L));
                }
                case OPT -> {
                    String opt = "base_model.model.model.decoder.layers." + block + ".";
                    shapes.put(opt + "self_attn.q_proj.ia3_l", List.of(16L, 1L));
                    shapes.put(opt + "self_attn.k_proj.ia3_l", List.of(16L, 1L));
                    shapes.put(opt + "fc2.ia3_l", List.of(1L, 24L));
                }
                case BERT -> {
                    String bert = "base_model.model.bert.encoder.layer." + block + ".";
                    shapes.put(bert + "attention.self.key.ia3_l", List.of(16L, 1L));
                    shapes.put(bert + "attention.self.value.ia3_l", List.of(16L, 1L));
                    shapes.put(bert + "attention.output.dense.ia3_l", List.of(1L, 16L));
                    shapes.put(bert + "output.dense.ia3_l", List.of(1L, 24L));
                }
                default -> {
                    boolean query = model == ToyModel.QWEN2 || model == ToyModel.QWEN3 || model == ToyModel.GEMMA2;
                    shapes.put(
                            llama + "self_attn." + (query ? "q_proj" : "k_proj") + ".ia3_l",
                            List.of(query ? 16L : 8L, 1L));
                    shapes.put(llama + "self_attn.v_proj.ia3_l", List.of(8L, 1L));
                    shapes.put(llama + "mlp.down_proj.ia3_l", List.of(1L, 24L));
                }
            }
        }
        return shapes;
    }
}
