package io.github.peft4j.examples.method;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

class FeedForwardScaleContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return FeedForwardScale.Config.builder().build();
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        String layer = switch (model) {
            case BLOOM -> "transformer.h.%d.mlp.dense_4h_to_h";
            case GPT2 -> "transformer.h.%d.mlp.c_proj";
            default -> "model.layers.%d.mlp.down_proj";
        };
        List<Long> shape = List.of((long) model.hiddenSize());
        return Map.of(
                "base_model.model." + layer.formatted(0) + ".scale", shape,
                "base_model.model." + layer.formatted(1) + ".scale", shape);
    }

    @Override
    protected boolean merges() {
        return false;
    }

    @Override
    protected boolean drawsFirstValues() {
        return false;
    }
}
