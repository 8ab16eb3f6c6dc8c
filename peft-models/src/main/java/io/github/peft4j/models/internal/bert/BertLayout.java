package io.github.peft4j.models.internal.bert;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.kernel.ActivationFunction;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.attention.internal.Scores;
import io.github.peft4j.models.nn.layer.DecoderBlock;
import io.github.peft4j.models.nn.layer.DecoderBlock.Part;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.Embedding;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.layer.internal.Mlp;
import io.github.peft4j.models.nn.weights.Weights;
import java.util.List;

/**
 * Modules under BERT's names: those of {@code BertModel} in transformers' {@code modeling_bert.py}, which others of its kind share.
 *
 * @param config the sizes
 */
public record BertLayout(BertConfig config) {

    private static final String EMBEDDINGS = "embeddings";

    /** The token embedding's name below the backbone. */
    public static final String WORDS = EMBEDDINGS + ".word_embeddings";

    /** The pooler's layer below the backbone. */
    public static final String POOLER = "pooler.dense";

    private static final String NORM = "LayerNorm";

    /** Adds all but the token embedding. */
    public Decoder.Plan build(Decoder.Plan plan, Weights weights) {
        long width = config.hiddenSize();
        Weights embeddings = weights.at(EMBEDDINGS);
        return plan.bidirectional()
                .positions(
                        EMBEDDINGS + ".position_embeddings",
                        Embedding.load(embeddings.at("position_embeddings"), config.maxPositions(), width))
                .tokenTypes(
                        EMBEDDINGS + ".token_type_embeddings",
                        Embedding.load(embeddings.at("token_type_embeddings"), config.tokenTypes(), width))
                .embeddingNorm(EMBEDDINGS + "." + NORM, norm(config, embeddings.at(NORM)))
                .blocks(
                        "encoder.layer",
                        layer -> block(weights.at("encoder.layer").at(layer), layer));
    }

    private DecoderBlock block(Weights weights, int layer) {
        Weights attended = weights.at("attention").at("output");
        Weights output = weights.at("output");
        return DecoderBlock.of(
                DecoderBlock.Residual.IN_TURN_TO_NORM,
                List.of(
                        Part.attention("attention", attention(weights.at("attention"), layer)),
                        Part.norm("attention.output." + NORM, norm(config, attended.at(NORM)))),
                List.of(
                        Part.feedForward(feedForward(weights)),
                        Part.norm("output." + NORM, norm(config, output.at(NORM)))));
    }

    private Attention attention(Weights weights, int layer) {
        Weights own = weights.at("self");
        return Attention.of(new Attention.Geometry(
                        layer,
                        config.heads(),
                        config.heads(),
                        config.headSize(),
                        Positions.NONE,
                        Scores.of(config.headSize()).bidirectional(),
                        weights.precision()))
                .separate(
                        "self.query", square(own.at("query")),
                        "self.key", square(own.at("key")),
                        "self.value", square(own.at("value")))
                .output("output.dense", square(weights.at("output").at("dense")));
    }

    private Linear square(Weights weights) {
        return Linear.load(weights, config.hiddenSize(), config.hiddenSize(), true);
    }

    private Mlp feedForward(Weights block) {
        long width = config.hiddenSize();
        long inner = config.feedForwardSize();
        return new Mlp(
                "intermediate.dense",
                Linear.load(block.at("intermediate").at("dense"), width, inner, true),
                "output.dense",
                Linear.load(block.at("output").at("dense"), inner, width, true),
                config.activation());
    }

    /** A norm, which old checkpoints have under TensorFlow's names. */
    private static LayerNorm norm(BertConfig config, Weights weights) {
        return LayerNorm.load(named(weights), config.hiddenSize(), config.normEpsilon());
    }

    private static Weights named(Weights norm) {
        return norm.orNamed("weight", "gamma").orNamed("bias", "beta");
    }

    /**
     * What becomes of a row's first hidden state before it is classified: a layer in the backbone, and tanh.
     *
     * @param backbone where a checkpoint has the backbone
     * @param path the layer's path in the model
     */
    public static Transform pooler(Head.Kind.Source source, Weights backbone, String path) {
        long width = source.config().hiddenSize();
        return Transform.insideBackbone(
                POOLER, source.layers().linear(backbone.at(POOLER), path, width, width, true), ActivationFunction.TANH);
    }

    /**
     * What becomes of hidden states before tokens are predicted: a layer, the blocks' activation function, and a norm.
     *
     * @param dense the layer's name
     * @param norm the norm's
     */
    public static Transform transform(Head.Kind.Source source, String dense, String norm) {
        BertConfig sizes = (BertConfig) source.config();
        long width = sizes.hiddenSize();
        Weights root = source.root();
        return Transform.of(
                        dense,
                        source.layers().linear(root.at(dense), dense, width, sizes.embeddingSize(), true),
                        sizes.activation())
                .withNorm(
                        norm,
                        source.layers().norm(named(root.at(norm)), norm, sizes.embeddingSize(), sizes.normEpsilon()));
    }
}
