package io.github.peft4j.methods.trainabletokens;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.methods.toy.ToyLayers;
import io.github.peft4j.testkit.PeftMethodContract;
import io.github.peft4j.testkit.ToyModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Some tokens of the embedding, and of the output layer where it is tied. */
class TrainableTokensContractTest extends PeftMethodContract {

    @Override
    protected PeftConfig config(ToyModel model) {
        return TrainableTokensConfig.builder().tokenIndices(25, 14, 4).build();
    }

    @Override
    protected List<ToyModel> models() {
        return ToyLayers.ofTheFirstArchitectures();
    }

    @Override
    protected boolean drawsFirstValues() {
        return false;
    }

    /** A tied head computes the tokens' logits by a product of their own, which rounds in another order. */
    @Override
    protected double startTolerance() {
        return 1e-6;
    }

    @Override
    protected Map<String, List<Long>> savedTensors(ToyModel model) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        List<Long> shape = List.of(3L, (long) model.hiddenSize());
        String embedding = switch (model) {
            case BLOOM -> "transformer.word_embeddings";
            case GPT2 -> "transformer.wte";
            default -> "model.embed_tokens";
        };
        shapes.put("base_model.model." + embedding + ".trainable_tokens_delta", shape);
        if (model != ToyModel.LLAMA && model != ToyModel.MISTRAL) {
            shapes.put("base_model.model.lm_head.trainable_tokens_delta", shape);
        }
        return shapes;
    }
}
