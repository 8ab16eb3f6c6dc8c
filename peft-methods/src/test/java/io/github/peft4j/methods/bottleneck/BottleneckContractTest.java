package io.github.peft4j.methods.bottleneck;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Houlsby's variant. */
public class BottleneckContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return BottleneckConfig.builder()
                .set(BottleneckConfig.BOTTLENECK_SIZE, 3)
                .set(BottleneckConfig.NON_LINEARITY, "gelu")
                .build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.values());
    }

    @Override
    protected boolean merges() {
        return false;
    }

    /** Behind a waist of three values the loss bends soon. */
    @Override
    protected double longestStep() {
        return 0.02;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        ToyLayers layers = ToyLayers.of(model);
        return tensors(layers.blocks(), model, 3, layers.attentionOutput(), layers.feedForwardOutput());
    }

    static Map<String, List<Long>> tensors(String blocks, ToyModel model, long size, String... layers) {
        long width = model.hiddenSize();
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (int block = 0; block < 2; block++) {
            for (String layer : layers) {
                String path = "base_model.model." + blocks + block + "." + layer + ".";
                shapes.put(path + "bottleneck_down.weight", List.of(size, width));
                shapes.put(path + "bottleneck_down.bias", List.of(size));
                shapes.put(path + "bottleneck_up.weight", List.of(width, size));
                shapes.put(path + "bottleneck_up.bias", List.of(width));
            }
        }
        return shapes;
    }
}
