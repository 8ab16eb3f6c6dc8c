package io.github.peft4j.methods.lycoris;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Both matrices products, LyCORIS's way to begin, some outputs dropped, and a norm that is trained whole. */
class LokrBothContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return LokrConfig.builder(1, 2)
                .targetModules("q_proj")
                .modulesToSave("model.norm")
                .rankDropout(0.2)
                .set(LokrConfig.DECOMPOSE_BOTH, true)
                .set(LokrConfig.RANK_DROPOUT_SCALE, true)
                .set(LokrConfig.INIT_WEIGHTS, "lycoris")
                .build();
    }

    @Override
    protected List<ToyModel> models() {
        return List.of(ToyModel.LLAMA);
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (int block = 0; block < 2; block++) {
            String path = "base_model.model.model.layers." + block + ".self_attn.q_proj.";
            for (String half : List.of("lokr_w1", "lokr_w2")) {
                shapes.put(path + half + "_a", List.of(4L, 1L));
                shapes.put(path + half + "_b", List.of(1L, 4L));
            }
        }
        shapes.put("base_model.model.model.norm.weight", List.of(16L));
        return shapes;
    }
}
