package io.github.peft4j.models.internal.architecture;

import io.github.peft4j.models.Backbone;
import io.github.peft4j.models.ConfigJson;
import io.github.peft4j.models.Head;
import io.github.peft4j.models.ModelConfig;
import io.github.peft4j.models.ModelFamily;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.attention.internal.Scores;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import io.github.peft4j.models.nn.layer.internal.Mlp;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;
import java.util.function.Function;

/**
 * An architecture of decoders: its names, how its config is read and what stands between token embeddings and heads. Its checkpoints are saved
 * with their head or without.
 *
 * @param <C> its config
 */
public abstract class DecoderFamily<C extends ModelConfig> implements ModelFamily {

    /**
     * What an architecture and its parts are called.
     *
     * @param modelType Hugging Face's {@code model_type}
     * @param className what the names of Hugging Face's classes begin with, for example {@code Llama}
     * @param backbone what names of tensors begin with in a checkpoint that has its head
     * @param embedding the token embedding's name below it
     */
    public record Names(String modelType, String className, String backbone, String embedding) {}

    private final Names names;
    private final Function<ConfigJson, C> reader;

    /**
     * An architecture of these names.
     *
     * @param reader does what {@link #config} is to do
     */
    protected DecoderFamily(Names names, Function<ConfigJson, C> reader) {
        this.names = names;
        this.reader = reader;
    }

    @Override
    public final String modelType() {
        return names.modelType();
    }

    @Override
    public final C config(ConfigJson json) {
        return reader.apply(json);
    }

    /**
     * Adds all but the token embedding and the head.
     *
     * @param plan has the token embedding
     * @param weights below the backbone's name
     * @return the plan
     */
    protected abstract Decoder.Plan build(Decoder.Plan plan, C config, Weights weights);

    /** The next token and classes of rows, by classes of the usual names. */
    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(
                LanguageHead.kind(names.className() + "ForCausalLM"),
                SequenceHead.kind(names.className() + "ForSequenceClassification"),
                EmbeddingHead.kind(names.className() + "Model"));
    }

    /** Where a checkpoint has the tensors of all but the head. */
    protected Weights tensors(Weights root) {
        return root.atIfPresent(names.backbone());
    }

    @Override
    public final Weights tokenEmbedding(Weights root) {
        return tensors(root).at(names.embedding());
    }

    /** The config is what {@link #config} read. */
    @Override
    @SuppressWarnings("unchecked")
    public final Backbone backbone(ModelConfig config, Weights root) {
        Weights weights = tensors(root);
        Embedding tokens = Embedding.load(weights.at(names.embedding()), config.vocabSize(), config.embeddingSize());
        Integer padding = config.paddingToken();
        Decoder.Plan plan = new Decoder.Plan(config, names.backbone())
                .tokens(names.embedding(), padding == null ? tokens : tokens.withPadding(padding));
        return build(plan, (C) config, weights).build();
    }

    /** Reads a feed-forward part of two linear layers of these names. */
    protected static Mlp feedForward(
            ModelConfig config, Weights weights, String in, String out, boolean bias, ActivationFunction function) {
        long width = config.hiddenSize();
        long inner = config.feedForwardSize();
        return new Mlp(
                in,
                Linear.load(weights.at(in), width, inner, bias),
                out,
                Linear.load(weights.at(out), inner, width, bias),
                function);
    }

    /** Begins the attention of a layer. */
    protected static Attention.Parts attention(
            ModelConfig config, Weights weights, int layer, Positions positions, Scores scores) {
        return Attention.of(new Attention.Geometry(
                layer,
                config.heads(),
                config.keyValueHeads(),
                config.headSize(),
                positions,
                scores,
                weights.precision()));
    }
}
