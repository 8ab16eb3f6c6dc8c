package io.github.peft4j.models.internal.bert;

import io.github.peft4j.models.internal.Decoder;
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
import java.util.regex.Pattern;

/**
 * The modules of BERT and its kin: embeddings of tokens, types and positions, a norm, and blocks with norms behind the sums.
 *
 * @param config the sizes
 * @param names of the blocks' layers, in which some differ
 */
public record BertLayout(BertConfig config, Names names) {

    /**
     * What the layers of blocks are called.
     *
     * @param blocks the list of blocks, below the backbone
     * @param query to queries, below a block's {@code attention} as the next three
     * @param key to keys
     * @param value to values
     * @param attended behind the attention
     * @param attentionNorm the norm of the attention's sum, below the block as the next three
     * @param inner the first layer of the feed-forward part
     * @param output its last layer
     * @param outputNorm the norm of its sum
     */
    public record Names(
            String blocks,
            String query,
            String key,
            String value,
            String attended,
            String attentionNorm,
            String inner,
            String output,
            String outputNorm) {

        /** Those of {@code modeling_bert.py}, which most share. */
        public static final Names BERT = new Names(
                "encoder.layer",
                "self.query",
                "self.key",
                "self.value",
                "output.dense",
                "attention.output.LayerNorm",
                "intermediate.dense",
                "output.dense",
                "output.LayerNorm");
    }

    /** Old checkpoints hold the numbers of positions as a tensor. */
    public static final Pattern NUMBERS = Pattern.compile("(\\w+\\.)?embeddings\\.position_ids");

    private static final String EMBEDDINGS = "embeddings";

    /** The token embedding's name below the backbone. */
    public static final String WORDS = EMBEDDINGS + ".word_embeddings";

    private static final String NORM = "LayerNorm";
    private static final String ATTENTION = "attention";
    private static final String PROJECTION = "embeddings_project";

    /** Modules under BERT's own names. */
    public static BertLayout of(BertConfig config) {
        return new BertLayout(config, Names.BERT);
    }

    /** Adds all but the token embedding. */
    public Decoder.Plan build(Decoder.Plan plan, Weights weights) {
        Weights embeddings = weights.at(EMBEDDINGS);
        long width = config.embeddingSize();
        plan.bidirectional();
        positions(plan, Embedding.load(embeddings.at("position_embeddings"), rows(), width));
        if (config.tokenTypes() > 0) {
            plan.tokenTypes(
                    EMBEDDINGS + ".token_type_embeddings",
                    Embedding.load(embeddings.at("token_type_embeddings"), config.tokenTypes(), width));
        }
        plan.embeddingNorm(EMBEDDINGS + "." + NORM, norm(embeddings.at(NORM), width));
        if (width != config.hiddenSize()) {
            plan.projectionOfAllEmbeddings(
                    PROJECTION, Linear.load(weights.at(PROJECTION), width, config.hiddenSize(), true));
        }
        return plan.blocks(
                names.blocks(), layer -> block(weights.at(names.blocks()).at(layer), layer));
    }

    private long rows() {
        return (long) config.firstPosition() + config.maxPositions();
    }

    private void positions(Decoder.Plan plan, Embedding table) {
        String name = EMBEDDINGS + ".position_embeddings";
        if (config.firstPosition() > 0) {
            plan.positionsBehindPadding(name, table, config.firstPosition() - 1);
        } else {
            plan.positions(name, table);
        }
    }

    private DecoderBlock block(Weights weights, int layer) {
        long width = config.hiddenSize();
        return DecoderBlock.of(
                DecoderBlock.Residual.IN_TURN_TO_NORM,
                List.of(
                        Part.attention(ATTENTION, attention(weights.at(ATTENTION), layer)),
                        Part.norm(names.attentionNorm(), norm(weights.at(names.attentionNorm()), width))),
                List.of(
                        Part.feedForward(feedForward(weights)),
                        Part.norm(names.outputNorm(), norm(weights.at(names.outputNorm()), width))));
    }

    private Attention attention(Weights weights, int layer) {
        return Attention.of(new Attention.Geometry(
                        layer,
                        config.heads(),
                        config.heads(),
                        config.headSize(),
                        Positions.NONE,
                        Scores.of(config.headSize()).bidirectional(),
                        weights.precision()))
                .separate(
                        names.query(), square(weights.at(names.query())),
                        names.key(), square(weights.at(names.key())),
                        names.value(), square(weights.at(names.value())))
                .output(names.attended(), square(weights.at(names.attended())));
    }

    private Linear square(Weights weights) {
        return Linear.load(weights, config.hiddenSize(), config.hiddenSize(), true);
    }

    private Mlp feedForward(Weights block) {
        long width = config.hiddenSize();
        long inner = config.feedForwardSize();
        return new Mlp(
                names.inner(),
                Linear.load(block.at(names.inner()), width, inner, true),
                names.output(),
                Linear.load(block.at(names.output()), inner, width, true),
                config.activation());
    }

    private LayerNorm norm(Weights weights, long width) {
        return LayerNorm.load(named(weights), width, config.normEpsilon());
    }

    /** The weights of a norm, which old checkpoints have under TensorFlow's names. */
    static Weights named(Weights norm) {
        return norm.orNamed("weight", "gamma").orNamed("bias", "beta");
    }
}
