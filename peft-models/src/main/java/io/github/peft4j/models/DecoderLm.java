package io.github.peft4j.models;

import ai.djl.ndarray.NDArray;
import io.github.peft4j.models.kernel.Activation;
import io.github.peft4j.models.nn.Forward;
import io.github.peft4j.models.nn.Functions;
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
    private final double cap;

    /**
     * What is special about a head.
     *
     * @param name what the checkpoint calls it; in the model it is {@value DecoderLm#HEAD}
     * @param cap bounds the logits softly, \(c \tanh(x / c)\) for x; 0 for no bound
     */
    public record HeadOptions(String name, double cap) {

        /** A head under its usual name, whose logits have no bound. */
        public static final HeadOptions PLAIN = new HeadOptions(HEAD, 0);
    }

    /** Name of the output layer. */
    public static final String HEAD = "lm_head";

    /**
     * Puts a model together.
     *
     * @param root the checkpoint's root, where the head is
     * @param className Hugging Face's class
     * @param targets Hugging Face's customary module names by purpose
     */
    public DecoderLm(
            Weights root,
            ModelConfig config,
            Decoder decoder,
            HeadOptions options,
            String className,
            Map<String, List<String>> targets) {
        super(root.scope(), root.precision());
        this.cap = options.cap();
        this.config = config;
        this.decoder = decoder;
        child(decoder.name(), decoder);
        Linear head = Linear.loadHead(root.at(options.name()), config.hiddenSize(), config.vocabSize());
        child(HEAD, head);
        boolean tied = head.weight() == decoder.tokenEmbedding().weight();
        this.anatomy = decoder.anatomy(className, HEAD, tied, targets);
    }

    /**
     * The tensors of a checkpoint below the backbone's name, or at its root where it was saved without its head; declares the head and
     * the token embedding to be one weight if the config says so.
     *
     * @param backbone the name of everything but the head
     * @param embedding the token embedding's name below it
     */
    public static Weights backbone(Weights root, String backbone, String embedding, ModelConfig config) {
        return backbone(root, backbone, embedding, HEAD, config);
    }

    /** The same where the checkpoint has another name for the head. */
    public static Weights backbone(Weights root, String backbone, String embedding, String head, ModelConfig config) {
        Weights weights = root.atIfPresent(backbone);
        if (config.tied()) {
            root.at(head).tie(weights.at(embedding), "weight");
        }
        return weights;
    }

    /** Bounds the logits if the architecture does. */
    @Override
    protected Activation scores(Forward context, Activation hidden) {
        Activation logits = super.scores(context, hidden);
        if (cap == 0) {
            return logits;
        }
        try (logits) {
            return Functions.softCap(context, logits, cap);
        }
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
