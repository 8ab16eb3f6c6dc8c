package io.github.peft4j.methods.bitfit;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Biases of the default layers; of BERT not those of keys, which shift all scores of a query alike and so have no gradient. */
class BitFitContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return model == ToyModel.BERT
                ? BitFitConfig.builder()
                        .targetModules("query", "value", "intermediate.dense", "output.dense", "output.LayerNorm")
                        .build()
                : BitFitConfig.builder().build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA, ToyModel.LLAMA_TIED, ToyModel.BLOOM, ToyModel.GPT2, ToyModel.BERT);
    }

    @Override
    protected boolean drawsFirstValues() {
        return false;
    }

    private static Map<String, Long> widths(ToyModel model) {
        return switch (model) {
            case BLOOM ->
                Map.of(
                        "self_attention.query_key_value", 72L,
                        "self_attention.dense", 24L,
                        "mlp.dense_h_to_4h", 96L,
                        "mlp.dense_4h_to_h", 24L,
                        "input_layernorm", 24L,
                        "post_attention_layernorm", 24L);
            case GPT2 ->
                Map.of(
                        "attn.c_attn", 48L,
                        "attn.c_proj", 16L,
                        "mlp.c_fc", 64L,
                        "mlp.c_proj", 16L,
                        "ln_1", 16L,
                        "ln_2", 16L);
            case BERT ->
                Map.of(
                        "attention.self.query", 16L,
                        "attention.self.value", 16L,
                        "attention.output.dense", 16L,
                        "attention.output.LayerNorm", 16L,
                        "intermediate.dense", 24L,
                        "output.dense", 16L,
                        "output.LayerNorm", 16L);
            default ->
                Map.of(
                        "self_attn.q_proj", 16L,
                        "self_attn.k_proj", 8L,
                        "self_attn.v_proj", 8L,
                        "self_attn.o_proj", 16L,
                        "mlp.gate_proj", 24L,
                        "mlp.up_proj", 24L,
                        "mlp.down_proj", 16L);
        };
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        for (int block = 0; block < 2; block++) {
            String path = "base_model.model." + ToyLayers.of(model).blocks() + block + ".";
            widths(model).forEach((name, width) -> shapes.put(path + name + ".bias", List.of(width)));
        }
        return shapes;
    }
}
