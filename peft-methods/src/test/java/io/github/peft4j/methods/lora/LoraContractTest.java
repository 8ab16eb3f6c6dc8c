package io.github.peft4j.methods.lora;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** Plain LoRA of the default layers. */
class LoraContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        String[] unknown = ToyLayers.unknown(model);
        LoraConfig.Builder builder = LoraConfig.builder(3, 6);
        return unknown.length == 0
                ? builder.build()
                : builder.targetModules(unknown).build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.values());
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        return LoraTensors.ofDefaults(model, 3).shapes();
    }
}
