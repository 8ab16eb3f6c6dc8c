package io.github.peft4j.methods.trainabletokens;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Tokens of the output layer alone, from normal values. */
class TrainableTokensDrawnContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return TrainableTokensConfig.builder()
                .tokenIndices(16, 11)
                .targetModules("lm_head")
                .set(TrainableTokensConfig.INIT_WEIGHTS, false)
                .build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA, ToyModel.MISTRAL);
    }

    @Override
    protected boolean startsAsBase() {
        return false;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        shapes.put("base_model.model.lm_head.trainable_tokens_delta", List.of(2L, (long) model.hiddenSize()));
        return shapes;
    }
}
