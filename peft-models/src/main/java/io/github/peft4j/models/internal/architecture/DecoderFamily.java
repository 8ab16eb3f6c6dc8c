package io.github.peft4j.models.internal.architecture;

import io.github.peft4j.models.Backbone;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.ModelFamily;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.nn.weights.Weights;

/**
 * An architecture with a config and names of its own, whose checkpoints are saved with their head or without.
 *
 * @param <C> its config
 */
public interface DecoderFamily<C extends ModelConfig> extends ModelFamily {

    @Override
    C config(ConfigJson json);

    /** What names of tensors begin with in a checkpoint that has its head. */
    String backboneName();

    /** The token embedding's name below it. */
    String embeddingName();

    /** Builds all but the head. */
    Decoder decoder(C config, Weights weights);

    /** Where a checkpoint has the tensors of all but the head. */
    default Weights tensors(Weights root) {
        return root.atIfPresent(backboneName());
    }

    @Override
    default Weights tokenEmbedding(Weights root) {
        return tensors(root).at(embeddingName());
    }

    /** The config is what {@link #config} read. */
    @Override
    @SuppressWarnings("unchecked")
    default Backbone backbone(ModelConfig config, Weights root) {
        return decoder((C) config, tensors(root));
    }
}
