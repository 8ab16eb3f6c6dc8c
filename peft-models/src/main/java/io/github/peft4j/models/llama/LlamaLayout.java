package io.github.peft4j.models.llama;

import io.github.peft4j.models.Anatomy;
import io.github.peft4j.models.Decoder;
import io.github.peft4j.models.DecoderNames;
import io.github.peft4j.models.nn.Attention;
import io.github.peft4j.models.nn.DecoderBlock;
import io.github.peft4j.models.nn.DecoderBlock.Part;
import io.github.peft4j.models.nn.Embedding;
import io.github.peft4j.models.nn.GatedMlp;
import io.github.peft4j.models.nn.Linear;
import io.github.peft4j.models.nn.Module;
import io.github.peft4j.models.nn.RmsNorm;
import io.github.peft4j.models.nn.Rotary;
import io.github.peft4j.models.nn.Weights;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Builds models of Llama's layout: {@code model.layers.N.self_attn.q_proj} and so on. Mistral and Qwen2 have it too. */
public final class LlamaLayout {

    /** Tensors of old checkpoints that hold nothing but what the config says. */
    public static final Pattern UNUSED = Pattern.compile("(.*\\.)?rotary_emb\\.(inv_freq|(cos|sin)_cached)");

    private LlamaLayout() {}

    /** The tensors of a checkpoint below the backbone's name, or at its root where it was saved without its head. */
    public static Weights backbone(Weights root) {
        return root.atIfPresent(DecoderNames.LLAMA.backbone());
    }

    /** Where a checkpoint has the token embedding's weight. */
    public static Weights tokenEmbedding(Weights root) {
        return backbone(root).at(DecoderNames.LLAMA.embedding());
    }

    /** Puts all but the head together. */
    public static Decoder decoder(LlamaConfig config, Weights weights) {
        DecoderNames names = DecoderNames.LLAMA;
        Rotary rotary = config.rotary().rotary(config.headSize());
        return new Decoder.Plan(
                        config,
                        names,
                        tokens(config, weights.at(names.embedding())),
                        layer -> block(config, weights.at(names.blocks()).at(layer), rotary, layer),
                        RmsNorm.load(weights.at(names.finalNorm()), config.hiddenSize(), config.normEpsilon()),
                        Anatomy.PositionScheme.ROTARY)
                .biasKeys(path -> biasKey(config, path))
                .build();
    }

    private static Embedding tokens(LlamaConfig config, Weights weights) {
        Embedding tokens = Embedding.load(weights, config.vocabSize(), config.hiddenSize());
        return config.paddingToken() == null ? tokens : tokens.withPadding(config.paddingToken());
    }

    private static @Nullable String biasKey(LlamaConfig config, String path) {
        if (!config.biases().configurable()) {
            return null;
        }
        return path.startsWith(DecoderNames.LLAMA.attention()) ? "attention_bias" : "mlp_bias";
    }

    private static Module block(LlamaConfig config, Weights weights, Rotary rotary, int layer) {
        int width = config.hiddenSize();
        double epsilon = config.normEpsilon();
        DecoderNames names = DecoderNames.LLAMA;
        return new DecoderBlock(
                new Part(names.firstNorm(), RmsNorm.load(weights.at(names.firstNorm()), width, epsilon)),
                new Part(names.attention(), attention(config, weights.at(names.attention()), rotary, layer)),
                new Part(names.secondNorm(), RmsNorm.load(weights.at(names.secondNorm()), width, epsilon)),
                new Part(
                        names.feedForward(),
                        GatedMlp.load(
                                weights.at(names.feedForward()),
                                width,
                                config.feedForwardSize(),
                                config.biases().feedForward(),
                                config.activation())),
                false);
    }

    private static Attention attention(LlamaConfig config, Weights weights, Rotary rotary, int layer) {
        long width = config.hiddenSize();
        long queries = (long) config.heads() * config.headSize();
        long keys = (long) config.keyValueHeads() * config.headSize();
        boolean bias = config.biases().queryKeyValue();
        Attention.Geometry geometry = new Attention.Geometry(
                layer,
                config.heads(),
                config.keyValueHeads(),
                config.headSize(),
                1 / Math.sqrt(config.headSize()),
                config.windows().get(layer),
                rotary,
                null,
                weights.precision());
        return Attention.separate(
                geometry,
                Linear.load(weights.at("q_proj"), width, queries, bias),
                Linear.load(weights.at("k_proj"), width, keys, bias),
                Linear.load(weights.at("v_proj"), width, keys, bias),
                Linear.load(
                        weights.at("o_proj"), queries, width, config.biases().output()));
    }
}
