package io.github.peft4j.methods.lntuning;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Norms, the default ones. */
class LnTuningContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return switch (model) {
            case PHI3, OLMO2, GPT_NEOX, OPT -> {
                String path = ToyLayers.of(model).finalNorm();
                List<String> names = new ArrayList<>(norms(model));
                names.add(path.substring(path.lastIndexOf('.') + 1));
                yield LnTuningConfig.builder()
                        .targetModules(names.toArray(String[]::new))
                        .build();
            }
            default -> LnTuningConfig.builder().build();
        };
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
        Map<String, List<Long>> shapes = new TreeMap<>();
        ToyLayers layers = ToyLayers.of(model);
        List<String> norms = norms(model);
        norms.forEach(norm -> layers.inBlocks(norm).forEach(path -> put(shapes, path, model)));
        if (norms.size() > 1 && model != ToyModel.BERT) {
            put(shapes, layers.finalNorm(), model);
        }
        return shapes;
    }

    private static List<String> norms(ToyModel model) {
        return switch (model) {
            case QWEN2, QWEN3 -> List.of("post_attention_layernorm");
            case GPT2 -> List.of("ln_1", "ln_2");
            case OPT -> List.of("self_attn_layer_norm", "final_layer_norm");
            case BERT -> List.of("attention.output.LayerNorm", "output.LayerNorm");
            case OLMO2 -> List.of("post_attention_layernorm", "post_feedforward_layernorm");
            case GEMMA2 ->
                List.of(
                        "input_layernorm",
                        "post_attention_layernorm",
                        "pre_feedforward_layernorm",
                        "post_feedforward_layernorm");
            default -> List.of("input_layernorm", "post_attention_layernorm");
        };
    }

    private static void put(Map<String, List<Long>> shapes, String norm, ToyModel model) {
        List<Long> width = List.of((long) model.hiddenSize());
        shapes.put("base_model.model." + norm + ".ln_tuning_layers.weight", width);
        if (ToyLayers.normsHaveBiases(model)) {
            shapes.put("base_model.model." + norm + ".ln_tuning_layers.bias", width);
        }
    }
}
