package io.github.peft4j.methods.llamaadapter;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class AdaptionPromptContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return AdaptionPromptConfig.builder(3, 2).build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.values());
    }

    @Override
    protected boolean merges() {
        return false;
    }

    /** A gate multiplies an outcome of tokens far larger than these models' own. */
    @Override
    protected double longestStep() {
        return 0.003;
    }

    /** Where a norm stands behind attention what a gate does bends within a step that rounding lets one see; shorter steps come nearer. */
    @Override
    protected double gradientTolerance(String key) {
        return key.endsWith("adaption_gate") ? 0.04 : super.gradientTolerance(key);
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        ToyLayers layers = ToyLayers.of(model);
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (String attention : layers.inBlocks(layers.attention())) {
            String path = "base_model.model." + attention + ".";
            shapes.put(path + "adaption_prompt", List.of(1L, 3L, (long) model.hiddenSize()));
            shapes.put(path + "adaption_gate", List.of(1L));
        }
        return shapes;
    }
}
