package io.github.peft4j.methods.ia3;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;

/** (IA)^3 from normal values, beside a layer that is trained whole. */
class Ia3BesidesContractTest extends PeftMethodContract {

    private static String norm(ToyModel model) {
        return model == ToyModel.LLAMA ? "model.norm" : "transformer.ln_f";
    }

    @Override
    protected PeftConfig config(ToyModel model) {
        return Ia3Config.builder()
                .set(Ia3Config.INIT_IA3_WEIGHTS, false)
                .modulesToSave(norm(model))
                .build();
    }

    @Override
    protected boolean startsAsBase() {
        return false;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = Ia3ContractTest.vectors(model);
        List<Long> width = List.of((long) model.hiddenSize());
        shapes.put("base_model.model." + norm(model) + ".weight", width);
        if (model != ToyModel.LLAMA) {
            shapes.put("base_model.model." + norm(model) + ".bias", width);
        }
        return shapes;
    }
}
