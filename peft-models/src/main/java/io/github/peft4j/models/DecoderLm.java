package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.RowSelection;
import io.github.peft4j.models.nn.Weights;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@link Decoder} with a head over the vocabulary. */
public final class DecoderLm extends CausalLm {

    private final ModelConfig config;
    private final Anatomy anatomy;
    private final Decoder decoder;

    /**
     * Puts a model together.
     *
     * @param root the checkpoint's root, where the head is
     * @param className Hugging Face's class
     * @param targets Hugging Face's customary module names by purpose
     */
    public DecoderLm(
            Weights root, ModelConfig config, Decoder decoder, String className, Map<String, List<String>> targets) {
        super(root.scope(), root.precision());
        this.config = config;
        this.decoder = decoder;
        child(decoder.name(), decoder);
        Linear head = Linear.loadHead(root.at(DecoderNames.HEAD), config.hiddenSize(), config.vocabSize());
        child(DecoderNames.HEAD, head);
        boolean tied = head.weight() == decoder.tokenEmbedding().weight();
        this.anatomy = decoder.anatomy(className, DecoderNames.HEAD, tied, targets);
    }

    /**
     * The tensors of a checkpoint below the backbone's name, or at its root where it was saved without its head; declares the head and
     * the token embedding to be one weight if the config says so.
     */
    public static Weights backbone(Weights root, DecoderNames names, ModelConfig config) {
        Weights weights = root.atIfPresent(names.backbone());
        if (config.tied()) {
            root.at(DecoderNames.HEAD).tie(weights.at(names.embedding()), "weight");
        }
        return weights;
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public Anatomy anatomy() {
        return anatomy;
    }

    @Override
    public int vocabSize(@Nullable RowSelection selection) {
        return decoder.vocabSize(selection);
    }

    @Override
    protected Activation encode(Forward context, ModelInput input) {
        return decoder.encode(context, input);
    }

    @Override
    protected Activation encodeAt(Forward context, ModelInput input, NDArray tokens) {
        return decoder.encodeAt(context, input, tokens);
    }
}
