package io.github.peft4j.models.internal.architecture.modernbert;

import io.github.peft4j.models.Head;
import io.github.peft4j.models.classification.SequenceHead;
import io.github.peft4j.models.embedding.EmbeddingHead;
import io.github.peft4j.models.internal.Decoder;
import io.github.peft4j.models.internal.RotaryConfig;
import io.github.peft4j.models.internal.architecture.DecoderFamily;
import io.github.peft4j.models.internal.head.NewLayers;
import io.github.peft4j.models.internal.head.Transform;
import io.github.peft4j.models.nn.Pooling;
import io.github.peft4j.models.nn.attention.internal.Attention;
import io.github.peft4j.models.nn.attention.internal.Positions;
import io.github.peft4j.models.nn.attention.internal.QkvProjection;
import io.github.peft4j.models.nn.attention.internal.Scores;
import io.github.peft4j.models.nn.internal.Role;
import io.github.peft4j.models.nn.layer.DecoderBlock;
import io.github.peft4j.models.nn.layer.DecoderBlock.Part;
import io.github.peft4j.models.nn.layer.Linear;
import io.github.peft4j.models.nn.layer.internal.GatedMlp;
import io.github.peft4j.models.nn.layer.internal.Identity;
import io.github.peft4j.models.nn.layer.internal.LayerNorm;
import io.github.peft4j.models.nn.weights.Weights;
import io.github.peft4j.models.tokens.TokenHead;
import io.github.peft4j.models.tokens.internal.MaskedHead;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/** ModernBERT checkpoints, saved with any head or none; follows Hugging Face's {@code modeling_modernbert.py}. */
public final class ModernBertFamily extends DecoderFamily<ModernBertConfig> {

    private static final String EMBEDDING_NORM = "embeddings.norm";
    private static final String FINAL_NORM = "final_norm";
    private static final String ATTENTION = "attn";
    private static final String ATTENTION_NORM = "attn_norm";
    private static final String DENSE = "head.dense";
    private static final String NORM = "head.norm";
    private static final String DECODER = "decoder";
    private static final String CLASSIFIER = "classifier";

    /** What checkpoints have for heads other than the one that is loaded. */
    private static final Pattern OTHER_HEADS = Pattern.compile("(head|decoder|classifier)\\..*");

    /** For the registry of architectures. */
    public ModernBertFamily() {
        super(new Names("modernbert", "ModernBert", "model", "embeddings.tok_embeddings"), ModernBertConfig::of);
    }

    @Override
    public List<Head.Kind<?>> heads() {
        return List.of(
                drawn(MaskedHead.kind(
                        "ModernBertForMaskedLM",
                        new MaskedHead.Layout(
                                DECODER,
                                null,
                                source -> config(source).biases().decoder(),
                                ModernBertFamily::transform,
                                OTHER_HEADS))),
                drawn(sequence(Pooling.FIRST), config -> sequence(config.head().pooling())),
                drawn(TokenHead.kind("ModernBertForTokenClassification", classifier(Pooling.FIRST))),
                EmbeddingHead.kind("ModernBertModel", source -> null, OTHER_HEADS));
    }

    private static Head.Kind<SequenceHead> sequence(Pooling pooling) {
        return SequenceHead.kind("ModernBertForSequenceClassification", classifier(pooling));
    }

    private static SequenceHead.Layout classifier(Pooling pooling) {
        return new SequenceHead.Layout(CLASSIFIER, true, pooling, ModernBertFamily::transform, OTHER_HEADS);
    }

    private static ModernBertConfig config(Head.Kind.Source source) {
        return (ModernBertConfig) source.config();
    }

    /** What becomes of hidden states before any output layer. */
    private static Transform transform(Head.Kind.Source source) {
        ModernBertConfig config = config(source);
        long width = config.hiddenSize();
        Weights root = source.root();
        NewLayers layers = source.layers();
        return Transform.of(
                        DENSE,
                        layers.linear(
                                root.at(DENSE),
                                DENSE,
                                width,
                                width,
                                config.biases().head()),
                        config.head().activation())
                .withNorm(
                        NORM,
                        layers.norm(
                                root.at(NORM),
                                NORM,
                                width,
                                config.normEpsilon(),
                                config.biases().norm()));
    }

    /** A head whose new layers are drawn as {@code ModernBertPreTrainedModel} draws them. */
    private static <H extends Head> Head.Kind<H> drawn(Head.Kind<H> kind) {
        return drawn(kind, config -> kind);
    }

    /**
     * The same of a head that a config decides on.
     *
     * @param kind how it is found
     * @param built what builds it
     */
    private static <H extends Head> Head.Kind<H> drawn(
            Head.Kind<H> kind, Function<ModernBertConfig, Head.Kind<H>> built) {
        return new Head.Kind<>(
                kind.type(),
                kind.className(),
                kind.reads(),
                kind.unused(),
                source -> built.apply(config(source))
                        .builder()
                        .build(new Head.Kind.Source(
                                source.json(),
                                source.config(),
                                source.root(),
                                source.tokenEmbedding(),
                                source.layers().drawing(path -> draw(config(source), path)),
                                source.folder())));
    }

    private static NewLayers.Draw draw(ModernBertConfig config, String path) {
        double deviation = path.equals(CLASSIFIER)
                ? 1 / Math.sqrt(config.hiddenSize())
                : config.head().range() / Math.sqrt(2.0 * config.layers());
        return new NewLayers.Draw(deviation, config.head().cutoff());
    }

    @Override
    protected Decoder.Plan build(Decoder.Plan plan, ModernBertConfig config, Weights weights) {
        Map<RotaryConfig, Positions> positions = new HashMap<>();
        return plan.bidirectional()
                .withoutPast()
                .embeddingNorm(EMBEDDING_NORM, norm(config, weights.at(EMBEDDING_NORM)))
                .blocks("layers", layer -> block(config, weights.at("layers").at(layer), positions, layer))
                .finalNorm(FINAL_NORM, norm(config, weights.at(FINAL_NORM)))
                .biasKeys(path -> path.startsWith(ATTENTION + ".") ? "attention_bias" : "mlp_bias");
    }

    /** The first block's attention reads what the norm of the embeddings gives, and has none of its own. */
    private static Part attentionNorm(ModernBertConfig config, Weights weights, int layer) {
        return layer == 0
                ? new Part(ATTENTION_NORM, new Identity(), Role.OTHER)
                : Part.norm(ATTENTION_NORM, norm(config, weights));
    }

    private static DecoderBlock block(
            ModernBertConfig config, Weights weights, Map<RotaryConfig, Positions> positions, int layer) {
        Part attention = Part.attention(ATTENTION, attention(config, weights.at(ATTENTION), positions, layer));
        GatedMlp gated = GatedMlp.loadFused(
                "Wi",
                "Wo",
                weights.at("mlp"),
                config.hiddenSize(),
                config.feedForwardSize(),
                config.biases().feedForward(),
                config.activation());
        return DecoderBlock.of(
                DecoderBlock.Residual.IN_TURN,
                List.of(attentionNorm(config, weights.at(ATTENTION_NORM), layer), attention),
                List.of(Part.norm("mlp_norm", norm(config, weights.at("mlp_norm"))), Part.feedForward("mlp", gated)));
    }

    private static Attention attention(
            ModernBertConfig config, Weights weights, Map<RotaryConfig, Positions> positions, int layer) {
        long width = config.hiddenSize();
        boolean bias = config.biases().attention();
        ModernBertConfig.Block block = config.blocks().get(layer);
        Scores scores = Scores.of(config.headSize()).bidirectional().withWindow(block.window());
        Positions shared = positions.computeIfAbsent(block.rotary(), rotary -> rotary.positions(config.headSize()));
        return attention(config, weights, layer, shared, scores)
                .fused("Wqkv", Linear.load(weights.at("Wqkv"), width, 3 * width, bias), QkvProjection.Layout.BLOCKS)
                .output("Wo", Linear.load(weights.at("Wo"), width, width, bias));
    }

    private static LayerNorm norm(ModernBertConfig config, Weights weights) {
        return LayerNorm.load(
                weights,
                config.hiddenSize(),
                config.normEpsilon(),
                config.biases().norm());
    }
}
