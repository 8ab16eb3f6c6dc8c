package io.github.peft4j.methods.bottleneck;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pfeiffer's variant, of a size by the model's width, and a norm that is trained whole. */
class PfeifferContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return BottleneckConfig.builder()
                .set(BottleneckConfig.REDUCTION_FACTOR, 5)
                .set(BottleneckConfig.VARIANT, BottleneckConfig.Variant.PFEIFFER)
                .set(BottleneckConfig.NON_LINEARITY, "swish")
                .modulesToSave("model.norm")
                .build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA);
    }

    @Override
    protected boolean merges() {
        return false;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes =
                new LinkedHashMap<>(BottleneckContractTest.tensors("model.layers.", model, 3, "mlp.down_proj"));
        shapes.put("base_model.model.model.norm.weight", List.of(16L));
        return shapes;
    }
}
