package io.github.peft4j.methods.vera;

import io.github.peft4j.core.config.LayerSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** VeRA with biases, from values that change the output at once, its projections not saved. */
class VeraBesidesContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return VeraConfig.builder()
                .set(VeraConfig.R, 3)
                .set(VeraConfig.BIAS, LayerSettings.Bias.ADAPTED)
                .set(VeraConfig.SAVE_PROJECTION, false)
                .set(VeraConfig.PROJECTION_PRNG_KEY, 9)
                .set(VeraConfig.VERA_DROPOUT, 0.0)
                .set(VeraConfig.INIT_WEIGHTS, false)
                .build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.BLOOM, ToyModel.GPT2);
    }

    @Override
    protected boolean startsAsBase() {
        return false;
    }

    @Override
    protected String refusalOfASecond(ToyModel model) {
        return "VeraModel supports only 1 adapter with bias.";
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        for (int block = 0; block < 2; block++) {
            boolean bloom = model == ToyModel.BLOOM;
            String path = "base_model.model.transformer.h." + block
                    + (bloom ? ".self_attention.query_key_value" : ".attn.c_attn");
            shapes.put(path + ".vera_lambda_d", List.of(3L));
            shapes.put(path + ".vera_lambda_b", List.of(bloom ? 72L : 48L));
            shapes.put(path + ".base_layer.bias", List.of(bloom ? 72L : 48L));
        }
        return shapes;
    }
}
